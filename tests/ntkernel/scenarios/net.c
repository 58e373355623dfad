/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/net.h"
#include "ntos/ex.h"
#include "ntos/mm.h"
#include "ntos/pnp.h"
#include "ntos/registry.h"
#include "shared/frame.h"

#define FRAMES_LIMIT 16384 /* of one run */
#define WINDOW       192   /* unanswered frames; fewer than a driver has receive buffers */
#define SLOTS        96    /* lists in flight, of each processor */
#define BUFFERS      3     /* frames of a list */
#define FRAGMENTS    4
#define STUCK_MS     8000
#define SPENT        0xEE /* fills memory that the device may read no more */

/* Memory of one list's frames: a page for each fragment. */
struct slot {
    UCHAR *page[BUFFERS][FRAGMENTS];
    ULONG first, frames; /* sequence numbers */
    volatile LONG busy;
};

struct worker {
    struct slot slots[SLOTS];
    ULONG64 random_state;
    ULONG frames;
};

LONG net_answers, net_wanted;

static struct worker workers[NK_CPUS];
static UCHAR answered[FRAMES_LIMIT];
static LONG next_sequence, forgotten; /* frames numbered below need no answer */
static ULONG64 digest;
static KEVENT progress;

static ULONG64 seed(void)
{
    static ULONG64 value = ~0ull;

    if (value == ~0ull)
        value = nk_option("seed", 1);
    return value;
}

static ULONG length_of(ULONG sequence)
{
    static const ULONG edges[] = {NK_FRAME_MIN, NK_FRAME_MAX, NK_FRAME_MIN + 1, NK_FRAME_MAX - 1};

    if (sequence < NK_COUNT(edges))
        return edges[sequence];
    return NK_FRAME_MIN + (ULONG)(nk_mix(seed() + sequence) % (NK_FRAME_MAX - NK_FRAME_MIN + 1));
}

static ULONG random_below(struct worker *w, ULONG limit)
{
    w->random_state = nk_mix(w->random_state);
    return (ULONG)(w->random_state >> 32) % limit;
}

/* Coming in. */

static void check_answer(const NET_BUFFER *buffer)
{
    struct nk_ethernet f, right;
    ULONG length = nd_data_copy(buffer, &f, sizeof(f));

    if (length < 24 || (f.type[0] << 8 | f.type[1]) != NK_FRAME_TYPE)
        return;
    if (f.sequence >= (ULONG)next_sequence || length != length_of(f.sequence) ||
        length != buffer->DataLength)
        nk_report("data", "an answer to frame %u comes with %u bytes", f.sequence, length);
    nk_frame_fill(&right, length, seed(), f.sequence, 1);
    nk_memcpy(right.to, nd_the()->general.CurrentMacAddress, sizeof(right.to));
    nk_memset(right.from, NK_FRAME_PEER, sizeof(right.from));
    if (nk_memcmp(&f, &right, length))
        nk_report("data", "the answer to frame %u of %u bytes has wrong contents", f.sequence,
                  length);
    if (__atomic_exchange_n(&answered[f.sequence], 1, __ATOMIC_RELAXED))
        nk_report("data", "frame %u is answered twice", f.sequence);
    __atomic_add_fetch(&net_answers, 1, __ATOMIC_RELAXED);
    if (f.sequence >= (ULONG)forgotten)
        __atomic_sub_fetch(&net_wanted, 1, __ATOMIC_RELAXED);
}

static void on_receive(const NET_BUFFER_LIST *list)
{
    const NET_BUFFER *buffer;

    for (buffer = list->FirstNetBuffer; buffer; buffer = buffer->Next)
        check_answer(buffer);
    nk_event_set(&progress);
}

static void on_done(void *context, NDIS_STATUS status)
{
    struct slot *s = context;
    ULONG buffer, fragment, n;

    for (n = 0; n < s->frames; n++) {
        if (NT_SUCCESS(status))
            continue;
        if (s->first + n >= (ULONG)forgotten && !answered[s->first + n])
            __atomic_sub_fetch(&net_wanted, 1, __ATOMIC_RELAXED);
    }
    for (buffer = 0; buffer < s->frames; buffer++) {
        for (fragment = 0; fragment < FRAGMENTS; fragment++)
            nk_memset(s->page[buffer][fragment], SPENT, NK_FRAME_MAX);
    }
    __atomic_store_n(&s->busy, 0, __ATOMIC_RELEASE);
    nk_event_set(&progress);
}

/* Going out. */

/* Lay a frame into 1 to 4 fragments, the first after `offset` bytes that do not belong to it. */
static MDL *lay(struct worker *w, UCHAR *const *page, const struct nk_ethernet *f, ULONG length,
                ULONG offset)
{
    ULONG count = 1 + random_below(w, FRAGMENTS), n, done = 0;
    MDL *first = NULL, **end = &first;

    for (n = 0; n < count; n++) {
        ULONG left = length - done, part = n + 1 < count ? 1 + random_below(w, left / 2) : left;
        ULONG before = n ? 0 : offset, at = random_below(w, NK_PAGE_SIZE - NK_FRAME_MAX - 64);

        nk_memcpy(page[n] + at + before, (const UCHAR *)f + done, part);
        *end = nk_mdl_create(page[n] + at, before + part);
        end = &(*end)->Next;
        done += part;
    }
    return first;
}

static NET_BUFFER_LIST *make_list(struct worker *w, struct slot *s, ULONG frames)
{
    NET_BUFFER_LIST *list = NULL;
    ULONG n;

    s->busy = 1;
    s->frames = frames;
    s->first = (ULONG)__atomic_fetch_add(&next_sequence, (LONG)frames, __ATOMIC_RELAXED);
    NK_EXPECT(s->first + frames <= FRAMES_LIMIT, "more than %u frames", FRAMES_LIMIT);
    for (n = 0; n < frames; n++) {
        ULONG sequence = s->first + n, length = length_of(sequence), offset = random_below(w, 48);
        struct nk_ethernet f;
        MDL *chain;

        nk_frame_fill(&f, length, seed(), sequence, 0);
        nk_memset(f.to, NK_FRAME_PEER, sizeof(f.to));
        nk_memcpy(f.from, nd_the()->general.CurrentMacAddress, sizeof(f.from));
        chain = lay(w, s->page[n], &f, length, offset);
        if (list)
            nd_list_append(list, chain, offset, length);
        else
            list = nd_list_make(chain, offset, length, s);
        __atomic_add_fetch(&digest, nk_frame_digest(sequence, length), __ATOMIC_RELAXED);
    }
    __atomic_add_fetch(&net_wanted, (LONG)frames, __ATOMIC_RELAXED);
    return list;
}

/* A chain of up to four lists with at most `limit` frames; how many frames it has. */
static ULONG send_chain(struct worker *w, ULONG limit)
{
    NET_BUFFER_LIST *chain = NULL, **end = &chain;
    ULONG lists = 1 + random_below(w, 4), n, frames = 0;

    for (n = 0; n < SLOTS && lists && frames < limit; n++) {
        ULONG part = 1 + random_below(w, BUFFERS);

        if (__atomic_load_n(&w->slots[n].busy, __ATOMIC_ACQUIRE))
            continue;
        if (part > limit - frames)
            part = limit - frames;
        *end = make_list(w, &w->slots[n], part);
        end = &(*end)->Next;
        frames += part;
        lists--;
    }
    if (chain)
        nd_send(chain, random_below(w, 2));
    return frames;
}

_Noreturn static void report_stall(const char *what, ULONG ms)
{
    const struct nd_adapter *a = nd_the();

    nk_report("hang",
              "%s in %u ms: %d answers are wanted after %d, %d lists sent after %llu, %d held, "
              "%llu interrupts",
              what, ms, net_wanted, net_answers, a->sends_out, a->sent, a->receives_out,
              nk_pnp_interrupts());
}

static void run_worker(void *context)
{
    struct worker *w = context;
    ULONG64 last = nk_time();

    while (w->frames) {
        LONG room = WINDOW - __atomic_load_n(&net_wanted, __ATOMIC_RELAXED);
        ULONG sent = room > 0 ? send_chain(w, w->frames < 8 ? w->frames : 8) : 0;

        w->frames -= sent;
        if (sent)
            last = nk_time();
        else if (nk_time() - last > STUCK_MS * 10000ull)
            report_stall("no frame could be sent", STUCK_MS);
        else
            nk_wait(&progress.Header, 10000); /* a wake-up may go to another processor */
    }
}

void net_send(ULONG frames)
{
    unsigned cpu, cpus = nk_cpu_count();

    for (cpu = 0; cpu < cpus; cpu++)
        workers[cpu].frames = frames / cpus + (cpu < frames % cpus);
    for (cpu = 1; cpu < cpus; cpu++)
        nk_cpu_run(cpu, run_worker, &workers[cpu]);
    run_worker(&workers[0]);
    for (cpu = 1; cpu < cpus; cpu++)
        nk_cpu_wait(cpu);
}

bool net_send_some(void)
{
    return send_chain(&workers[0], 8);
}

static void wait_for(const volatile LONG *value, ULONG ms, const char *what)
{
    ULONG64 end = nk_time() + ms * 10000ull;

    while (*value > 0) {
        if (nk_time() > end)
            report_stall(what, ms);
        nk_wait(&progress.Header, 10000);
    }
}

void net_settle(ULONG ms)
{
    net_sends_home(ms);
    wait_for(&net_wanted, ms, "frames are not answered");
}

void net_sends_home(ULONG ms)
{
    wait_for(&nd_the()->sends_out, ms, "sends have not completed");
}

void net_forget(void)
{
    KIRQL former = nk_irql_raise(DISPATCH_LEVEL);

    forgotten = next_sequence;
    net_wanted = 0;
    nk_irql_lower(former);
}

void net_set(ULONG oid, void *buffer, ULONG length)
{
    NDIS_STATUS status = nd_oid(ND_SET, oid, buffer, length, NULL);

    NK_EXPECT(NT_SUCCESS(status), "setting OID %08x ends with %08x", oid, status);
}

bool net_try_filter(void)
{
    ULONG filter = 0xB; /* directed, multicast, broadcast */

    return NT_SUCCESS(nd_oid(ND_SET, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter), NULL));
}

void net_open_filter(void)
{
    NK_EXPECT(net_try_filter(), "the packet filter cannot be set");
}

static void make_workers(void)
{
    unsigned cpu, slot, n;

    for (cpu = 0; cpu < nk_cpu_count(); cpu++) {
        struct worker *w = &workers[cpu];

        w->random_state = seed() + cpu;
        for (slot = 0; slot < SLOTS; slot++) {
            UCHAR *memory = nk_pool_own((SIZE_T)BUFFERS * FRAGMENTS * NK_PAGE_SIZE, 0, false);

            for (n = 0; n < BUFFERS * FRAGMENTS; n++)
                w->slots[slot].page[n / FRAGMENTS][n % FRAGMENTS] = memory + n * NK_PAGE_SIZE;
        }
    }
    nk_event_init(&progress, true, false);
}

void net_load(struct nk_driver *driver)
{
    if (!progress.Header.WaitListHead.Flink)
        make_workers();
    nk_driver_load(driver);
    NK_EXPECT(nd_the()->registered, "the driver is no NDIS miniport");
    nd_the()->receive = on_receive;
    nd_the()->done = on_done;
}

/* The keyword NetworkAddress replaces the device's own. */
static void check_address(const UCHAR *address)
{
    struct nk_registry_value wanted;
    char text[13];

    if (!nk_registry_find("NetworkAddress", &wanted))
        return;
    nk_format(text, sizeof(text), "%02X%02X%02X%02X%02X%02X", address[0], address[1], address[2],
              address[3], address[4], address[5]);
    NK_EXPECT(nk_streq_nocase(text, wanted.text), "the address is %s, configured is %s", text,
              wanted.text);
}

void net_start(struct nk_driver *driver)
{
    net_load(driver);
    nk_pnp_add(driver, nk_target_pci());
    nk_pnp_start();
    nd_restart();
    check_address(nd_the()->general.CurrentMacAddress);
    net_open_filter();
}

void net_finish(bool with_digest)
{
    const struct nd_adapter *a = nd_the();

    if (with_digest)
        nk_log("@net %d %llu\n", next_sequence, digest);
    nk_counter("frames", (ULONG64)next_sequence);
    nk_counter("answers", (ULONG64)net_answers);
    nk_counter("lists_sent", a->sent);
    nk_counter("lists_failed", a->send_errors);
    nk_counter("lists_received", a->received);
    nk_counter("indications", a->indications);
    nk_counter("sg_lists", a->sg_lists);
    nk_counter("interrupts", nk_pnp_interrupts());
}
