# SPDX-License-Identifier: GPL-3.0-or-later
# The runs of the test suite: the drivers as they go on the disc, each under a short matrix of
# devices, interrupts and machines.

# ntkernel_run(NAME DRIVER DEVICE SCENARIO [ntrun option ...])
function(ntkernel_run name driver device scenario)
  add_test(NAME ntkernel.${name}
    COMMAND ntrun --driver ${driver} --device ${device} --scenario ${scenario} ${ARGN})
  set_tests_properties(ntkernel.${name} PROPERTIES LABELS ntkernel TIMEOUT 120)
endfunction()

set(modern disable-legacy=on)
set(legacy disable-modern=on)

if(VIOFORGE_DISC)
  set(drivers ${CMAKE_BINARY_DIR}/drivers/amd64)
  set(viostor ${drivers}/viostor.sys)
  set(viorng ${drivers}/viorng.sys)

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
  ntkernel_run(viostor.windows7 ${viostor} virtio-blk-pci blk-rw --set windows=61)
  ntkernel_run(viorng.transitional ${viorng} virtio-rng-pci rng-read)
  ntkernel_run(viorng.packed ${viorng} virtio-rng-pci,${modern},packed=on rng-read)
  ntkernel_run(viorng.windows7 ${viorng} virtio-rng-pci rng-read --set windows=61)
  foreach(msix 1 0)
    ntkernel_run(viorng.cancel.msix${msix} ${viorng}
      virtio-rng-pci,max-bytes=1,period=1000000 rng-cancel --set msix=${msix})
  endforeach()
endif()
