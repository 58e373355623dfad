#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fence_code.sh LIBRARY: the full fences in the instructions of the queues, on x86-64: one in each
# function that asks for the doorbell, that turns interrupts on, or that looks a second time before
# it finds nothing; and none in any other, those that pop, add and ring above all.
set -eu
export LC_ALL=C

objdump -d --no-show-raw-insn "$1" | awk '
    /file format/ { core = $1 ~ /^vq(_split|_packed)?\.c/ }
    !core { next }
    /^[0-9a-f]+ <.*>:$/ {
        name = $2
        gsub(/[<>:]/, "", name)
        sub(/\.(cold|part|constprop|isra).*/, "", name)
        functions[name]
        next
    }
    # an exchange with memory locks the bus without saying so
    /[ \t](lock|mfence)/ || /[ \t]xchg .*\(/ { fences[name]++ }
    function expect(name, count) {
        if (!(name in functions)) {
            print "there is no function " name
            bad = 1
        } else if (fences[name] + 0 != count) {
            print name " has " fences[name] + 0 " full fences, not " count
            bad = 1
        }
        delete functions[name]
    }
    END {
        split("split_should_kick_event split_should_kick_flags packed_should_kick_event " \
              "packed_should_kick_flags split_irq_on packed_irq_on look look_again", one)
        for (i in one)
            expect(one[i], 1)
        split("split_pop split_pop_in_order packed_pop packed_pop_in_order split_add packed_add " \
              "vq_notify vq_kick", none)
        for (i in none)
            expect(none[i], 0)
        for (name in functions)
            expect(name, 0)
        exit bad
    }'
