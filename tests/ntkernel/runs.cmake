# SPDX-License-Identifier: GPL-3.0-or-later
# The runs of the test suite: the drivers as they go on the disc, signed and packaged, each under a
# short matrix of devices, interrupts and machines. They need the targets packages and ntrun.

# ntkernel_run(NAME DRIVER DEVICE SCENARIO [ntrun option ...])
function(ntkernel_run name driver device scenario)
  add_test(NAME ntkernel.${name}
    COMMAND ntrun --driver ${driver} --device ${device} --scenario ${scenario} ${ARGN})
  set_tests_properties(ntkernel.${name} PROPERTIES LABELS ntkernel TIMEOUT 120)
endfunction()

set(modern disable-legacy=on)
set(legacy disable-modern=on)

if(VIOFORGE_DISC)
  set(packages ${CMAKE_BINARY_DIR}/packages)
  set(viostor ${packages}/viostor/w11/amd64/viostor.sys)
  set(viorng ${packages}/viorng/w11/amd64/viorng.sys)

  foreach(machine q35 pc)
    foreach(kind modern legacy)
      foreach(msix 1 0)
        ntkernel_run(viostor.${machine}.${kind}.msix${msix} ${viostor}
          virtio-blk-pci,${${kind}} blk-rw --machine ${machine} --set msix=${msix})
        ntkernel_run(viorng.${machine}.${kind}.msix${msix} ${viorng}
          virtio-rng-pci,${${kind}} rng-read --machine ${machine} --set msix=${msix})
      endforeach()
    endforeach()
  endforeach()
  ntkernel_run(viostor.transitional ${viostor} virtio-blk-pci blk-rw)
  ntkernel_run(viostor.packed ${viostor} virtio-blk-pci,${modern},packed=on blk-rw)
  ntkernel_run(viostor.queues4 ${viostor} virtio-blk-pci,${modern},num-queues=4 blk-rw)
  foreach(cpus 2 4)
    ntkernel_run(viostor.cpus${cpus} ${viostor} virtio-blk-pci blk-rw --cpus ${cpus})
  endforeach()
  ntkernel_run(viostor.cpus4.packed.msix0 ${viostor} virtio-blk-pci,${modern},packed=on blk-rw
    --cpus 4 --set msix=0)
  ntkernel_run(viorng.cpus4 ${viorng} virtio-rng-pci rng-read --cpus 4)
  ntkernel_run(viostor.vectors1 ${viostor} virtio-blk-pci,${modern},vectors=1 blk-rw)
  ntkernel_run(viostor.direct ${viostor} virtio-blk-pci,${modern},indirect_desc=off,event_idx=off
    blk-rw)
  ntkernel_run(viostor.resize ${viostor} virtio-blk-pci blk-resize)
  foreach(place "pc:--machine pc" "q35:--port")
    string(REGEX MATCH "^[^:]+" machine ${place})
    string(REGEX REPLACE "^[^:]+:" "" option ${place})
    separate_arguments(option)
    foreach(msix 1 0)
      ntkernel_run(viorng.replug.${machine}.msix${msix} ${viorng} virtio-rng-pci rng-replug
        ${option} --set msix=${msix})
      ntkernel_run(viostor.replug.${machine}.msix${msix} ${viostor} virtio-blk-pci blk-replug
        ${option} --set msix=${msix})
    endforeach()
  endforeach()
  foreach(msix 1 0)
    ntkernel_run(viostor.two.msix${msix} ${viostor} virtio-blk-pci blk-two --second
      --set msix=${msix})
    ntkernel_run(viorng.two.msix${msix} ${viorng} virtio-rng-pci rng-two --second
      --set msix=${msix})
  endforeach()
  ntkernel_run(viorng.two.confined ${viorng} virtio-rng-pci rng-two --second --iommu)
  ntkernel_run(viorng.two.delivery1 ${viorng} virtio-rng-pci rng-two --second --set delivery=1)
  ntkernel_run(viostor.two.cpus4 ${viostor} virtio-blk-pci,packed=on blk-two --second --cpus 4)
  ntkernel_run(viostor.two.confined ${viostor} virtio-blk-pci blk-two --second --iommu)
  ntkernel_run(viostor.two.delivery1 ${viostor} virtio-blk-pci blk-two --second --set delivery=1)
  ntkernel_run(viostor.port.cpus4 ${viostor} virtio-blk-pci blk-rw --port --cpus 4)
  ntkernel_run(viorng.icount ${viorng} virtio-rng-pci rng-cost --icount --set requests=100)
  # one after the other, each request rings once; a few more come from the start
  ntkernel_run(viostor.doorbells ${viostor} virtio-blk-pci blk-figures --set depth=1
    --set rounds=1 --set requests=320 --json)
  set_tests_properties(ntkernel.viostor.doorbells PROPERTIES
    PASS_REGULAR_EXPRESSION "\"doorbells\":32[0-9].*\"good\":true")
  ntkernel_run(viostor.resize.msix0 ${viostor} virtio-blk-pci,${legacy} blk-resize --set msix=0)
  ntkernel_run(viostor.odd ${viostor} virtio-blk-pci blk-odd)
  ntkernel_run(viostor.reset ${viostor} virtio-blk-pci blk-reset)
  ntkernel_run(viostor.gone ${viostor} virtio-blk-pci,${modern} blk-gone)
  # dump=0: it refuses to be loaded for a crash dump
  ntkernel_run(viostor.dump ${viostor} virtio-blk-pci blk-dump --set dump=0)
  ntkernel_run(viostor.scarce ${viostor} virtio-blk-pci blk-scarce)
  ntkernel_run(viostor.windows7 ${viostor} virtio-blk-pci blk-rw --set windows=61)
  ntkernel_run(viorng.transitional ${viorng} virtio-rng-pci rng-read)
  ntkernel_run(viorng.one_message ${viorng} virtio-rng-pci,vectors=1 rng-read)
  ntkernel_run(viorng.iommu ${viorng} virtio-rng-pci,${modern},iommu_platform=on rng-read)
  foreach(seed 1 2 3)
    ntkernel_run(viostor.delivery${seed} ${viostor} virtio-blk-pci blk-rw --set delivery=${seed})
    ntkernel_run(viorng.delivery${seed} ${viorng} virtio-rng-pci rng-read --set delivery=${seed})
  endforeach()
  ntkernel_run(viostor.delivery1.cpus4 ${viostor} virtio-blk-pci blk-rw --cpus 4 --set delivery=1)
  ntkernel_run(viostor.delivery2.msix0 ${viostor} virtio-blk-pci blk-rw --set msix=0
    --set delivery=2)
  ntkernel_run(viostor.delivery3.reset ${viostor} virtio-blk-pci blk-reset --set delivery=3)
  ntkernel_run(viorng.delivery2.cancel ${viorng} virtio-rng-pci,max-bytes=1,period=1000000
    rng-cancel --set delivery=2)
  ntkernel_run(viorng.confined ${viorng} virtio-rng-pci rng-read --iommu)
  ntkernel_run(viorng.confined.packed ${viorng} virtio-rng-pci,packed=on rng-read --iommu)
  ntkernel_run(viostor.confined ${viostor} virtio-blk-pci blk-rw --iommu)
  ntkernel_run(viostor.confined.packed ${viostor} virtio-blk-pci,packed=on blk-rw --iommu --cpus 4)
  ntkernel_run(viostor.confined.reset ${viostor} virtio-blk-pci blk-reset --iommu)
  ntkernel_run(viorng.packed ${viorng} virtio-rng-pci,${modern},packed=on rng-read)
  ntkernel_run(viorng.windows7 ${viorng} virtio-rng-pci rng-read --set windows=61)
  ntkernel_run(viorng.scarce ${viorng} virtio-rng-pci rng-scarce)
  # KVM, where a probe boots this kernel on it
  ntkernel_run(viostor.kvm ${viostor} virtio-blk-pci blk-rw --accel kvm)
  ntkernel_run(viostor.kvm.cpus4 ${viostor} virtio-blk-pci blk-rw --accel kvm --cpus 4)
  ntkernel_run(viorng.kvm ${viorng} virtio-rng-pci rng-read --accel kvm)
  set_tests_properties(ntkernel.viostor.kvm ntkernel.viostor.kvm.cpus4 ntkernel.viorng.kvm PROPERTIES
    SKIP_RETURN_CODE 77)
  ntkernel_run(viorng.auto ${viorng} virtio-rng-pci rng-read --accel auto)
  # what gcc makes of the same sources does the same
  set(gcc ${CMAKE_BINARY_DIR}/drivers-gcc/amd64)
  ntkernel_run(viostor.gcc ${gcc}/viostor.sys virtio-blk-pci blk-rw)
  ntkernel_run(viorng.gcc ${gcc}/viorng.sys virtio-rng-pci rng-read)
  ntkernel_run(viorng.hostile ${viorng}
    virtio-rng-pci,${modern},max-bytes=1,period=1000000 rng-hostile)
  ntkernel_run(viorng.hostile.messages ${viorng}
    virtio-rng-pci,${modern},max-bytes=1,period=1000000 rng-hostile --set messages=1)
  ntkernel_run(viorng.hold ${viorng} virtio-rng-pci rng-hold)
  ntkernel_run(viorng.timeout ${viorng} virtio-rng-pci,max-bytes=1,period=1000000 rng-timeout)
  foreach(msix 1 0)
    ntkernel_run(viorng.cancel.msix${msix} ${viorng}
      virtio-rng-pci,max-bytes=1,period=1000000 rng-cancel --set msix=${msix})
  endforeach()
endif()

if(VIOFORGE_DISC)
  add_test(NAME ntkernel.icount
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/icount.sh $<TARGET_FILE:ntrun> ${viostor} virtio-blk-pci,${modern})
  set_tests_properties(ntkernel.icount PROPERTIES LABELS ntkernel TIMEOUT 120)
endif()

# The same drivers and scenarios in a process: every form of the ring, as the software device, which
# is written from the specification and checks what it is told, wants it.
# nthost_run(NAME DRIVER DEVICE SCENARIO [nthost option ...])
function(nthost_run name driver device scenario)
  add_test(NAME nthost.${name}
    COMMAND nthost --driver ${driver} --device ${device} --scenario ${scenario} ${ARGN})
  set_tests_properties(nthost.${name} PROPERTIES LABELS ntkernel TIMEOUT 120)
endfunction()

if(VIOFORGE_DISC)
  foreach(form split: packed:,packed=on split_plain:,event_idx=off,indirect_desc=off
      packed_plain:,packed=on,event_idx=off,indirect_desc=off in_order:,in_order=on
      in_order_packed:,in_order=on,packed=on notification_data:,notification_data=on
      notification_data_packed:,notification_data=on,packed=on shuffled:,shuffle=1
      vectors1:,vectors=1 trapped:,shadow=0)
    string(REGEX MATCH "^[^:]+" name ${form})
    string(REGEX REPLACE "^[^:]+:" "" properties ${form})
    nthost_run(viostor.${name} ${viostor} virtio-blk${properties} blk-rw)
    nthost_run(viorng.${name} ${viorng} virtio-rng${properties} rng-read)
  endforeach()
  nthost_run(viostor.line ${viostor} virtio-blk blk-rw --set msix=0)
  nthost_run(viorng.line ${viorng} virtio-rng rng-read --set msix=0)
  foreach(scenario odd scarce reset resize gone)
    nthost_run(viostor.${scenario} ${viostor} virtio-blk blk-${scenario})
  endforeach()
  add_test(NAME nthost.doorbells
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/doorbells.sh $<TARGET_FILE:nthost> ${viostor})
  set_tests_properties(nthost.doorbells PROPERTIES LABELS ntkernel TIMEOUT 120)
  nthost_run(viostor.delivery1 ${viostor} virtio-blk blk-rw --set delivery=1)
  nthost_run(viorng.delivery1 ${viorng} virtio-rng rng-read --set delivery=1)
  nthost_run(viostor.figures ${viostor} virtio-blk blk-figures)
  nthost_run(viorng.scarce ${viorng} virtio-rng rng-scarce)
  nthost_run(viorng.cancel ${viorng} virtio-rng,max-bytes=1 rng-cancel)
  nthost_run(viorng.hostile ${viorng} virtio-rng,max-bytes=1 rng-hostile)
  nthost_run(viorng.hostile.messages ${viorng} virtio-rng,max-bytes=1 rng-hostile --set messages=1)
endif()

# NDIS with a miniport of the tests' own, until a driver of the disc is one.
set(net ${CMAKE_CURRENT_BINARY_DIR}/bad/ndis/ndis_good.sys)
foreach(kind modern legacy)
  foreach(msix 1 0)
    ntkernel_run(ndis.${kind}.msix${msix} ${net} virtio-net-pci,${${kind}} net-echo
      --set msix=${msix})
  endforeach()
endforeach()
ntkernel_run(ndis.pc ${net} virtio-net-pci net-echo --machine pc)
# With a packed ring and event indexes QEMU 7.2's network device stalls, whoever drives it: when a
# send that had to wait for the host is done, it has notifications come from the next descriptor on,
# takes what is there already, and, if that is less than a burst, leaves the event where it was (in a
# split ring each buffer it takes moves it). Descriptors behind are never told of. In bursts of one
# that does not happen.
set(packed ${modern},packed=on,x-txburst=1)
ntkernel_run(ndis.packed ${net} virtio-net-pci,${packed} net-echo)
ntkernel_run(ndis.packed.plain ${net} virtio-net-pci,${modern},packed=on,event_idx=off net-echo)
ntkernel_run(ndis.direct ${net} virtio-net-pci,${modern},indirect_desc=off,event_idx=off net-echo)
ntkernel_run(ndis.vectors1 ${net} virtio-net-pci,vectors=1 net-echo)
ntkernel_run(ndis.cpus4 ${net} virtio-net-pci net-echo --cpus 4)
ntkernel_run(ndis.confined ${net} virtio-net-pci net-echo --iommu)
ntkernel_run(ndis.address ${net} virtio-net-pci net-echo --set reg.NetworkAddress=02A1B2C3D4E5
  --set frames=100)
ntkernel_run(ndis.pause.cpus4 ${net} virtio-net-pci net-pause --cpus 4)
foreach(scenario pause gone link)
  foreach(msix 1 0)
    ntkernel_run(ndis.${scenario}.msix${msix} ${net} virtio-net-pci net-${scenario}
      --set msix=${msix})
  endforeach()
endforeach()
ntkernel_run(ndis.scarce ${net} virtio-net-pci net-scarce)
ntkernel_run(ndis.delivery1 ${net} virtio-net-pci net-pause --set delivery=1)

# The same scenarios on the virtio-win project's drivers, where a user supplies them: that they pass
# says that the kernel is not shaped to our drivers. Allowances for what these drivers do: viostor
# reports errors without sense data and keeps a pool block over its removal; both complete requests
# in a bus reset that the device still serves (2023's viostor then touches a request it has given
# back), so that the reset is left out. viorng keeps its references to the bus interface, reads at
# most a page at a time, and is given less time to sleep; it is a KMDF driver, which starts without
# the buffer it was refused and gives up a device that it cannot wake for want of memory, as KMDF
# has it.
# What does not pass: viorng takes the ids that the device writes for indexes unchecked, so that
# rng-hostile ends in a fault in it; Win7's clears the memory of a queue without having got any, so
# that rng-scarce does; neither it nor the others end a read that the device never answers, so that
# rng-timeout is not run.
set(UPSTREAM_DRIVERS "" CACHE PATH "Folder with <Windows>/amd64/*.sys of the virtio-win project")
if(UPSTREAM_DRIVERS)
  file(GLOB upstream RELATIVE ${UPSTREAM_DRIVERS} ${UPSTREAM_DRIVERS}/Win*/amd64)
  foreach(folder IN LISTS upstream)
    string(REPLACE /amd64 "" windows ${folder})
    foreach(pair viostor:virtio-blk-pci:num-queues vioscsi:virtio-scsi-pci:num_queues)
      string(REPLACE ":" ";" pair ${pair})
      list(GET pair 0 driver)
      list(GET pair 1 device)
      list(GET pair 2 queues)
      set(file ${UPSTREAM_DRIVERS}/${folder}/${driver}.sys)
      if(EXISTS ${file})
        foreach(kind modern legacy)
          foreach(msix 1 0)
            ntkernel_run(upstream.${windows}.${driver}.${kind}.msix${msix} ${file}
              ${device},${${kind}} blk-rw --set msix=${msix} --set lenient=1 --set reset=0)
          endforeach()
        endforeach()
        if(NOT windows STREQUAL "Win7") # these do not negotiate ACCESS_PLATFORM
          ntkernel_run(upstream.${windows}.${driver}.confined ${file} ${device} blk-rw --iommu
            --set lenient=1 --set reset=0)
        endif()
        if(driver STREQUAL "viostor")
          foreach(form packed:,packed=on split:)
            string(REPLACE ":" ";" form ${form})
            list(GET form 0 name)
            list(GET form 1 property)
            nthost_run(upstream.${windows}.viostor.${name} ${file} virtio-blk${property} blk-rw
              --set lenient=1 --set reset=0)
          endforeach()
          ntkernel_run(upstream.${windows}.viostor.two ${file} virtio-blk-pci blk-two --second
            --set lenient=1)
          ntkernel_run(upstream.${windows}.viostor.replug ${file} virtio-blk-pci blk-replug
            --machine pc --set lenient=1)
          ntkernel_run(upstream.${windows}.viostor.replug.q35 ${file} virtio-blk-pci blk-replug
            --port --set lenient=1)
        endif()
        ntkernel_run(upstream.${windows}.${driver}.dump ${file} ${device} blk-dump --cpus 2
          --set lenient=1)
        ntkernel_run(upstream.${windows}.${driver}.delivery1 ${file} ${device} blk-rw
          --set delivery=1 --set lenient=1 --set reset=0)
        ntkernel_run(upstream.${windows}.${driver}.cpus4 ${file}
          ${device},${queues}=4 blk-rw --cpus 4 --set lenient=1 --set reset=0)
        ntkernel_run(upstream.${windows}.${driver}.packed ${file} ${device},${modern},packed=on
          blk-rw --set lenient=1 --set reset=0)
      endif()
    endforeach()
    set(file ${UPSTREAM_DRIVERS}/${folder}/netkvm.sys)
    if(EXISTS ${file})
      foreach(kind modern legacy)
        foreach(msix 1 0)
          ntkernel_run(upstream.${windows}.netkvm.${kind}.msix${msix} ${file}
            virtio-net-pci,${${kind}} net-echo --set msix=${msix})
        endforeach()
      endforeach()
      ntkernel_run(upstream.${windows}.netkvm.cpus4 ${file} virtio-net-pci,mq=on net-echo --cpus 4)
      ntkernel_run(upstream.${windows}.netkvm.packed ${file} virtio-net-pci,${packed} net-echo)
      foreach(scenario pause gone link)
        foreach(msix 1 0)
          ntkernel_run(upstream.${windows}.netkvm.${scenario}.msix${msix} ${file} virtio-net-pci
            net-${scenario} --set msix=${msix})
        endforeach()
      endforeach()
      ntkernel_run(upstream.${windows}.netkvm.scarce ${file} virtio-net-pci net-scarce
        --set step=193)
      ntkernel_run(upstream.${windows}.netkvm.delivery1 ${file} virtio-net-pci net-echo
        --set delivery=1)
    endif()
    set(file ${UPSTREAM_DRIVERS}/${folder}/viorng.sys)
    if(EXISTS ${file})
      foreach(kind modern legacy)
        foreach(msix 1 0)
          ntkernel_run(upstream.${windows}.viorng.${kind}.msix${msix} ${file}
            virtio-rng-pci,${${kind}} rng-read --set msix=${msix} --set lenient=1)
        endforeach()
      endforeach()
      ntkernel_run(upstream.${windows}.viorng.packed.cpus4 ${file}
        virtio-rng-pci,${modern},packed=on rng-read --cpus 4 --set lenient=1)
      ntkernel_run(upstream.${windows}.viorng.hold ${file} virtio-rng-pci rng-hold
        --set lenient=1 --set away=100)
      ntkernel_run(upstream.${windows}.viorng.replug ${file} virtio-rng-pci rng-replug
        --machine pc --set lenient=1)
      ntkernel_run(upstream.${windows}.viorng.replug.q35 ${file} virtio-rng-pci rng-replug --port
        --set lenient=1)
      ntkernel_run(upstream.${windows}.viorng.two ${file} virtio-rng-pci rng-two --second
        --set lenient=1)
      ntkernel_run(upstream.${windows}.viorng.cancel ${file}
        virtio-rng-pci,max-bytes=1,period=1000000 rng-cancel --set lenient=1)
      ntkernel_run(upstream.${windows}.viorng.hostile ${file}
        virtio-rng-pci,${modern},max-bytes=1,period=1000000 rng-hostile --set messages=1
        --set lengths=0 --expect "fault: read of address")
      set(scarce)
      if(windows STREQUAL "Win7")
        set(scarce --expect "fault: write to address 0000000000000000 (not mapped), by viorng.sys")
      endif()
      ntkernel_run(upstream.${windows}.viorng.scarce ${file} virtio-rng-pci rng-scarce
        --set lenient=1 --set length=4096 --set sleep=0 ${scarce})
    endif()
    set(file ${UPSTREAM_DRIVERS}/${folder}/balloon.sys)
    if(EXISTS ${file})
      foreach(kind modern legacy)
        foreach(msix 1 0)
          ntkernel_run(upstream.${windows}.balloon.${kind}.msix${msix} ${file}
            virtio-balloon-pci,${${kind}} balloon --set msix=${msix} --set lenient=1 --set service=1
            --set surprise=0)
        endforeach()
      endforeach()
      ntkernel_run(upstream.${windows}.balloon.shortage ${file} virtio-balloon-pci balloon
        --set lenient=1 --set service=1 --set shortage=1)
      ntkernel_run(upstream.${windows}.balloon.packed.cpus4 ${file}
        virtio-balloon-pci,${modern},packed=on balloon --cpus 4 --set lenient=1 --set service=1
        --set surprise=0)
      ntkernel_run(upstream.${windows}.balloon.delivery1 ${file} virtio-balloon-pci balloon
        --set delivery=1 --set lenient=1 --set service=1 --set surprise=0)
      if(NOT windows STREQUAL "Win7")
        ntkernel_run(upstream.${windows}.balloon.confined ${file} virtio-balloon-pci balloon --iommu
          --set lenient=1 --set service=1 --set surprise=0)
      endif()
    endif()
  endforeach()
else()
  add_test(NAME ntkernel.upstream
    COMMAND sh -c "echo 'UPSTREAM_DRIVERS is not set: the virtio-win drivers are not run'; exit 77")
  set_tests_properties(ntkernel.upstream PROPERTIES LABELS ntkernel SKIP_RETURN_CODE 77)
endif()
