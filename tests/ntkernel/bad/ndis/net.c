/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The miniport's life and its answers to requests. */
#include "net.h"

#define FRAME_MAX      1514
#define MTU            1500
#define MULTICAST_MAX  32
#define SPEED          10000000000ull
#define CONFIG_STATUS  6 /* of struct virtio_net_config (virtio 1.2, 5.1.4) */
#define F_MAC          VIO_BIT(5)
#define F_STATUS       VIO_BIT(16)
#define STATUS_LINK_UP 1

NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path);

static NDIS_HANDLE driver_handle;

static NDIS_OID oids[] = {
    OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_CURRENT_LOOKAHEAD, OID_GEN_STATISTICS,
    OID_802_3_PERMANENT_ADDRESS,   OID_802_3_CURRENT_ADDRESS, OID_802_3_MULTICAST_LIST};

/* PCI. */

static enum vio_status config_read(void *ctx, uint32_t offset, void *buffer, uint32_t len)
{
    const struct net *net = ctx;

    return NdisMGetBusData(net->adapter, PCI_WHICHSPACE_CONFIG, offset, buffer, len) == len
               ? VIO_OK
               : VIO_E_ACCESS;
}

static enum vio_status bar_map(void *ctx, const struct vpci_bar *bar, struct vio_region *region)
{
    const UCHAR type = bar->is_port ? CmResourceTypePort : CmResourceTypeMemory;
    struct net *net = ctx;
    NDIS_STATUS status = NDIS_STATUS_FAILURE;
    PVOID va = NULL;

    for (ULONG i = 0; i < net->resources->Count && va == NULL; i++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *r = &net->resources->PartialDescriptors[i];

        if (r->Type != type || (ULONGLONG)r->u.Generic.Start.QuadPart != bar->address)
            continue;
        region->length = r->u.Generic.Length;
        region->is_port = bar->is_port;
        status = bar->is_port
                     ? NdisMRegisterIoPortRange(&va, net->adapter, r->u.Generic.Start.LowPart,
                                                r->u.Generic.Length)
                     : NdisMMapIoSpace(&va, net->adapter, r->u.Generic.Start, r->u.Generic.Length);
    }
    if (!NT_SUCCESS(status))
        return VIO_E_ACCESS;
    region->base = (uintptr_t)va;
    net->bars[bar->index] = *region;
    return VIO_OK;
}

static void bars_unmap(struct net *net)
{
    for (ULONG i = 0; i < VPCI_BAR_COUNT; i++) {
        const struct vio_region *b = &net->bars[i];

        if (b->length != 0 && b->is_port)
            NdisMDeregisterIoPortRange(net->adapter, (ULONG)b->base, (ULONG)b->length,
                                       (PVOID)b->base);
        else if (b->length != 0)
            NdisMUnmapIoSpace(net->adapter, (PVOID)b->base, (ULONG)b->length);
    }
    RtlZeroMemory(net->bars, sizeof(net->bars));
}

/* The device. */

static BOOLEAN link_is_up(struct net *net)
{
    uint16_t status = STATUS_LINK_UP;

    if ((vdev_features(net->vdev) & F_STATUS) != 0 &&
        vdev_config_read16(net->vdev, CONFIG_STATUS, &status) != VIO_OK)
        return net->connected;
    return (status & STATUS_LINK_UP) != 0;
}

static void link_check(struct net *net)
{
    NDIS_LINK_STATE link = {.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(link)}};
    NDIS_STATUS_INDICATION status = {
        .Header = {NDIS_OBJECT_TYPE_STATUS_INDICATION, 1, sizeof(status)},
        .SourceHandle = net->adapter,
        .StatusCode = NDIS_STATUS_LINK_STATE,
        .StatusBuffer = &link,
        .StatusBufferSize = sizeof(link)};
    const BOOLEAN up = link_is_up(net);

    if (up == net->connected)
        return;
    net->connected = up;
    link.MediaConnectState = up ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    link.MediaDuplexState = up ? MediaDuplexStateFull : MediaDuplexStateUnknown;
    link.XmitLinkSpeed = link.RcvLinkSpeed = up ? SPEED : NDIS_LINK_SPEED_UNKNOWN;
    NdisMIndicateStatusEx(net->adapter, &status);
}

/* Configuration changes have message 0; the queues have one each if there are enough. */
static uint16_t vector(const struct net *net, uint16_t wanted)
{
    if (net->messages == 0)
        return VTRANSPORT_NO_VECTOR;
    return wanted < net->messages ? wanted : (uint16_t)(net->messages - 1);
}

static enum vio_status queue_start(struct net *net, struct queue *q, uint16_t index)
{
    const uint16_t size = vdev_queue_size(net->vdev, index);
    struct vdev_queue setup = {
        .index = index, .size = size, .vector = vector(net, (uint16_t)(index + 1))};

    q->ring_bytes = (ULONG)vq_ring_bytes(size, vdev_features(net->vdev));
    setup.priv_bytes = vdev_queue_private_bytes(net->vdev, size);
    if (q->ring_bytes == 0 || setup.priv_bytes == 0)
        return VIO_E_NO_QUEUE;
    NdisMAllocateSharedMemory(net->adapter, q->ring_bytes, TRUE, &q->ring, &q->ring_pa);
    q->priv = NdisAllocateMemoryWithTagPriority(net->adapter, (ULONG)setup.priv_bytes, TAG,
                                                NormalPoolPriority);
    if (q->ring == NULL || q->priv == NULL)
        return VIO_E_MEMORY;
    setup.ring = q->ring;
    setup.ring_pa = (uint64_t)q->ring_pa.QuadPart;
    setup.ring_bytes = q->ring_bytes;
    setup.priv = q->priv;
    return vdev_queue_start(net->vdev, &setup, &q->vq);
}

static void queue_free(struct net *net, struct queue *q)
{
    if (q->ring != NULL)
        NdisMFreeSharedMemory(net->adapter, q->ring_bytes, TRUE, q->ring, q->ring_pa);
    if (q->priv != NULL)
        NdisFreeMemory(q->priv, 0, 0);
    RtlZeroMemory(q, sizeof(*q));
}

static enum vio_status device_open(struct net *net)
{
    const struct vpci_bus bus = {.config_read = config_read, .bar_map = bar_map, .ctx = net};
    enum vio_status status = vpci_probe(&net->vpci_memory, &net->os, &bus, &net->vpci);

    if (status != VIO_OK)
        return status;
    vpci_set_msix(net->vpci, net->messages > 0);
    net->vdev =
        vdev_init(&net->vdev_memory, &net->os, vpci_ops(net->vpci), vpci_transport(net->vpci));
    status = vdev_negotiate(net->vdev, VFEAT_CORE | F_MAC | F_STATUS, F_MAC);
    if (status != VIO_OK)
        return status;
    /* num_buffers is there with VERSION_1 (virtio 1.2, 5.1.6.1) */
    net->header = vdev_has(net->vdev, VIO_F_VERSION_1) ? 12 : 10;
    net->connected = link_is_up(net);
    status = vdev_config_read(net->vdev, 0, net->mac, ADDRESS);
    if (status == VIO_OK && net->messages > 0)
        status = vdev_config_vector(net->vdev, 0);
    if (status == VIO_OK)
        status = queue_start(net, &net->rx_queue, RX_QUEUE);
    if (status == VIO_OK)
        status = queue_start(net, &net->tx_queue, TX_QUEUE);
    return status;
}

/* The device forgets its queues; what it had is completed with an error. */
static void device_close(struct net *net)
{
    KIRQL irql;

    if (net->vdev == NULL || net->dead)
        return;
    KeAcquireSpinLock(&net->lock, &irql);
    net->dead = TRUE;
    vdev_reset(net->vdev);
    net->ready = FALSE; // not before: a line that the device still holds wants its answer
    if (net->rx_queue.vq != NULL)
        vdev_queue_stop(net->vdev, net->rx_queue.vq);
    if (net->tx_queue.vq != NULL)
        vdev_queue_stop(net->vdev, net->tx_queue.vq);
    KeReleaseSpinLock(&net->lock, irql);
    net_fail_all(net);
}

/* Interrupts. */

static BOOLEAN NTAPI on_message(NDIS_HANDLE context, ULONG message, BOOLEAN *queue, ULONG *targets)
{
    const struct net *net = context;

    UNREFERENCED_PARAMETER(message);
    *targets = 0;
    *queue = net->ready;
    return TRUE;
}

static VOID NTAPI on_message_dpc(NDIS_HANDLE context, ULONG message, PVOID dpc,
                                 NDIS_RECEIVE_THROTTLE_PARAMETERS *throttle, PVOID reserved)
{
    struct net *net = context;

    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(reserved);
    throttle->MoreNblsPending = FALSE;
    if (message == 0 && net->ready)
        link_check(net);
    net_serve(net);
}

static BOOLEAN NTAPI on_line(NDIS_HANDLE context, BOOLEAN *queue, ULONG *targets)
{
    struct net *net = context;
    const UCHAR bits = net->ready ? vdev_isr(net->vdev) : 0;

    *targets = 0;
    *queue = bits != 0;
    __atomic_fetch_or(&net->bits, bits, __ATOMIC_SEQ_CST);
    return bits != 0;
}

static VOID NTAPI on_line_dpc(NDIS_HANDLE context, PVOID dpc,
                              NDIS_RECEIVE_THROTTLE_PARAMETERS *throttle, PVOID reserved)
{
    struct net *net = context;
    const ULONG bits = __atomic_exchange_n(&net->bits, 0, __ATOMIC_SEQ_CST);

    on_message_dpc(net, (bits & VDEV_ISR_CONFIG) != 0 ? 0 : 1, dpc, throttle, reserved);
}

static NDIS_STATUS interrupt_open(struct net *net)
{
    NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS how = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT, 1, sizeof(how)},
        .InterruptHandler = on_line,
        .InterruptDpcHandler = on_line_dpc,
        .MessageInterruptHandler = on_message,
        .MessageInterruptDpcHandler = on_message_dpc};
    NDIS_STATUS status;

    for (ULONG i = 0; i < net->resources->Count; i++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *r = &net->resources->PartialDescriptors[i];

        if (r->Type == CmResourceTypeInterrupt && (r->Flags & CM_RESOURCE_INTERRUPT_MESSAGE) != 0)
            how.MsiSupported = TRUE;
    }
    status = NdisMRegisterInterruptEx(net->adapter, net, &how, &net->interrupt);
    if (NT_SUCCESS(status) && how.InterruptType == NDIS_CONNECT_MESSAGE_BASED)
        net->messages = how.MessageInfoTable->MessageCount;
    return status;
}

/* Life. */

static VOID NTAPI shared_memory_done(NDIS_HANDLE context, PVOID va, PHYSICAL_ADDRESS *pa,
                                     ULONG length, PVOID allocation)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(va);
    UNREFERENCED_PARAMETER(pa);
    UNREFERENCED_PARAMETER(length);
    UNREFERENCED_PARAMETER(allocation);
}

static void destroy(struct net *net)
{
    device_close(net);
    if (net->interrupt != NULL)
        NdisMDeregisterInterruptEx(net->interrupt);
    net_path_close(net);
    queue_free(net, &net->rx_queue);
    queue_free(net, &net->tx_queue);
    if (net->pool != NULL)
        NdisFreeNetBufferListPool(net->pool);
    if (net->dma != NULL)
        NdisMDeregisterScatterGatherDma(net->dma);
    bars_unmap(net);
    NdisFreeMemory(net, 0, 0);
}

static NDIS_STATUS set_registration(struct net *net)
{
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES a = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, 1,
                   NDIS_SIZE_THROUGH(NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, InterfaceType)},
        .MiniportAdapterContext = net,
        .AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE |
                          NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK |
                          NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER,
        .InterfaceType = NdisInterfacePci};

    return NdisMSetMiniportAttributes(net->adapter, &a);
}

static NDIS_STATUS set_general(struct net *net)
{
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES a = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, 2, sizeof(a)},
        .MediaType = NdisMedium802_3,
        .PhysicalMediumType = NdisPhysicalMedium802_3,
        .MtuSize = MTU,
        .MaxXmitLinkSpeed = SPEED,
        .XmitLinkSpeed = net->connected ? SPEED : NDIS_LINK_SPEED_UNKNOWN,
        .MaxRcvLinkSpeed = SPEED,
        .RcvLinkSpeed = net->connected ? SPEED : NDIS_LINK_SPEED_UNKNOWN,
        .MediaConnectState =
            net->connected ? MediaConnectStateConnected : MediaConnectStateDisconnected,
        .MediaDuplexState = net->connected ? MediaDuplexStateFull : MediaDuplexStateUnknown,
        .LookaheadSize = FRAME_MAX,
        .MacOptions = NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA | NDIS_MAC_OPTION_TRANSFERS_NOT_PEND |
                      NDIS_MAC_OPTION_NO_LOOPBACK,
        .SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_MULTICAST |
                                  NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_BROADCAST,
        .MaxMulticastListSize = MULTICAST_MAX,
        .MacAddressLength = ADDRESS,
        .AccessType = NET_IF_ACCESS_BROADCAST,
        .DirectionType = NET_IF_DIRECTION_SENDRECEIVE,
        .ConnectionType = NET_IF_CONNECTION_DEDICATED,
        .IfType = IF_TYPE_ETHERNET_CSMACD,
        .IfConnectorPresent = TRUE,
        .SupportedOidList = oids,
        .SupportedOidListLength = sizeof(oids)};

    RtlCopyMemory(a.PermanentMacAddress, net->mac, ADDRESS);
    RtlCopyMemory(a.CurrentMacAddress, net->mac, ADDRESS);
    return NdisMSetMiniportAttributes(net->adapter, &a);
}

static NDIS_STATUS network_address(struct net *net)
{
    NDIS_CONFIGURATION_OBJECT object = {
        .Header = {NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT, 1,
                   NDIS_SIZE_THROUGH(NDIS_CONFIGURATION_OBJECT, Flags)},
        .NdisHandle = net->adapter};
    NDIS_HANDLE configuration;
    NDIS_STATUS status = NdisOpenConfigurationEx(&object, &configuration);
    NDIS_STATUS found;
    PVOID address;
    ULONG length;

    if (!NT_SUCCESS(status))
        return status;
    NdisReadNetworkAddress(&found, &address, &length, configuration);
    if (NT_SUCCESS(found) && length == ADDRESS)
        RtlCopyMemory(net->mac, address, ADDRESS);
    NdisCloseConfiguration(configuration);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS open_all(struct net *net)
{
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(pool)},
                                            .fAllocateNetBuffer = TRUE,
                                            .PoolTag = TAG};
    NDIS_SG_DMA_DESCRIPTION dma = {
        .Header = {NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, 1,
                   NDIS_SIZE_THROUGH(NDIS_SG_DMA_DESCRIPTION, ScatterGatherListSize)},
        .Flags = NDIS_SG_DMA_64_BIT_ADDRESS,
        .MaximumPhysicalMapping = FRAME_MAX,
        .ProcessSGListHandler = net_process_sg,
        .SharedMemAllocateCompleteHandler = shared_memory_done};
    NDIS_STATUS status = set_registration(net);

    if (NT_SUCCESS(status))
        status = NdisMRegisterScatterGatherDma(net->adapter, &dma, &net->dma);
    if (NT_SUCCESS(status)) {
        net->pool = NdisAllocateNetBufferListPool(net->adapter, &pool);
        status = net->pool != NULL ? status : NDIS_STATUS_RESOURCES;
    }
    if (NT_SUCCESS(status))
        status = net_path_open(net);
    if (NT_SUCCESS(status))
        status = interrupt_open(net);
    if (NT_SUCCESS(status))
        status = nt_status(device_open(net));
    if (NT_SUCCESS(status))
        status = network_address(net);
    if (NT_SUCCESS(status))
        status = set_general(net);
    return status;
}

static NDIS_STATUS NTAPI initialize(NDIS_HANDLE adapter, NDIS_HANDLE context,
                                    NDIS_MINIPORT_INIT_PARAMETERS *parameters)
{
    struct net *net =
        NdisAllocateMemoryWithTagPriority(adapter, sizeof(*net), TAG, NormalPoolPriority);
    NDIS_STATUS status;

    UNREFERENCED_PARAMETER(context);
    if (net == NULL)
        return NDIS_STATUS_RESOURCES;
    RtlZeroMemory(net, sizeof(*net));
    net->adapter = adapter;
    net->resources = parameters->AllocatedResources;
    net->statistics =
        (NDIS_STATISTICS_INFO){.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(net->statistics)}};
    KeInitializeSpinLock(&net->lock);
    nt_log_init(&net->log, "ndis_net: ");
    nt_os_init(&net->os, &net->log);
    status = open_all(net);
    if (!NT_SUCCESS(status)) {
        destroy(net);
        return status;
    }
    net->state = PAUSED;
    net_receive_fill(net);
    net->ready = TRUE;
    vdev_ready(net->vdev);
    vq_notify(net->rx_queue.vq);
    return status;
}

static VOID NTAPI halt(NDIS_HANDLE context, NDIS_HALT_ACTION action)
{
    UNREFERENCED_PARAMETER(action);
    destroy(context);
}

static NDIS_STATUS NTAPI pause(NDIS_HANDLE context, NDIS_MINIPORT_PAUSE_PARAMETERS *parameters)
{
    struct net *net = context;
    NDIS_STATUS status = NDIS_STATUS_PENDING;
    KIRQL irql;

    UNREFERENCED_PARAMETER(parameters);
    KeAcquireSpinLock(&net->lock, &irql);
    net->state = PAUSING;
    KeReleaseSpinLock(&net->lock, irql);
    net_fail_all(net);
    KeAcquireSpinLock(&net->lock, &irql);
    if (net->lists_out == 0) {
        net->state = PAUSED;
        status = NDIS_STATUS_SUCCESS;
    } else {
        net->pausing = TRUE;
    }
    KeReleaseSpinLock(&net->lock, irql);
    return status;
}

static NDIS_STATUS NTAPI restart(NDIS_HANDLE context, NDIS_MINIPORT_RESTART_PARAMETERS *parameters)
{
    struct net *net = context;
    KIRQL irql;

    UNREFERENCED_PARAMETER(parameters);
    KeAcquireSpinLock(&net->lock, &irql);
    net->state = RUNNING;
    KeReleaseSpinLock(&net->lock, irql);
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI on_pnp_event(NDIS_HANDLE context, NET_DEVICE_PNP_EVENT *event)
{
    if (event->DevicePnPEvent == NdisDevicePnPEventSurpriseRemoved)
        device_close(context);
}

static VOID NTAPI on_shutdown(NDIS_HANDLE context, NDIS_SHUTDOWN_ACTION action)
{
    struct net *net = context;

    UNREFERENCED_PARAMETER(action);
    vdev_reset(net->vdev);
    net->ready = FALSE;
}

/* Requests. */

static NDIS_STATUS answer(NDIS_OID_REQUEST *request, const void *data, ULONG length)
{
    struct _QUERY *q = &request->DATA.QUERY_INFORMATION;

    if (q->InformationBufferLength < length) {
        q->BytesNeeded = length;
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    }
    RtlCopyMemory(q->InformationBuffer, data, length);
    q->BytesWritten = length;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS query(const struct net *net, NDIS_OID_REQUEST *request)
{
    switch (request->DATA.QUERY_INFORMATION.Oid) {
    case OID_GEN_STATISTICS:
        return answer(request, &net->statistics, sizeof(net->statistics));
    case OID_802_3_PERMANENT_ADDRESS:
    case OID_802_3_CURRENT_ADDRESS:
        return answer(request, net->mac, ADDRESS);
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

/* Everything the device delivers goes up: there is no filter to set. */
static NDIS_STATUS set(NDIS_OID_REQUEST *request)
{
    struct _SET *s = &request->DATA.SET_INFORMATION;
    const ULONG length = s->InformationBufferLength;

    switch (s->Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
    case OID_GEN_CURRENT_LOOKAHEAD:
        if (length != sizeof(ULONG))
            return NDIS_STATUS_INVALID_LENGTH;
        break;
    case OID_802_3_MULTICAST_LIST:
        if (length % ADDRESS != 0 || length > MULTICAST_MAX * ADDRESS)
            return NDIS_STATUS_INVALID_LENGTH;
        break;
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
    s->BytesRead = length;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS NTAPI on_oid(NDIS_HANDLE context, NDIS_OID_REQUEST *request)
{
    const struct net *net = context;

    if (breach == OID_TWICE)
        NdisMOidRequestComplete(net->adapter, request, NDIS_STATUS_SUCCESS);
    switch (request->RequestType) {
    case NdisRequestQueryInformation:
    case NdisRequestQueryStatistics:
        return query(net, request);
    case NdisRequestSetInformation:
        return set(request);
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

static VOID NTAPI cancel(NDIS_HANDLE context, PVOID id)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(id);
}

static VOID NTAPI unload(DRIVER_OBJECT *driver)
{
    UNREFERENCED_PARAMETER(driver);
    NdisMDeregisterMiniportDriver(driver_handle);
}

NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *path)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS characteristics = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, 2, sizeof(characteristics)},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 20,
        .MajorDriverVersion = 1,
        .InitializeHandlerEx = initialize,
        .HaltHandlerEx = halt,
        .UnloadHandler = unload,
        .PauseHandler = pause,
        .RestartHandler = restart,
        .OidRequestHandler = on_oid,
        .SendNetBufferListsHandler = net_send,
        .ReturnNetBufferListsHandler = net_return,
        .CancelSendHandler = cancel,
        .DevicePnPEventNotifyHandler = on_pnp_event,
        .ShutdownHandlerEx = on_shutdown,
        .CancelOidRequestHandler = cancel};

    return NdisMRegisterMiniportDriver(driver, path, NULL, &characteristics, &driver_handle);
}
