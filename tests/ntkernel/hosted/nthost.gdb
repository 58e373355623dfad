# SPDX-License-Identifier: GPL-3.0-or-later
# For gdb -x: accesses to registers are signals that are the program's own affair, and the kernel runs
# in a child, for which --timeout should be large. Stops when the driver is initialized and says where
# it lies.
set confirm off
set pagination off
set follow-fork-mode child
handle SIGSEGV SIGALRM nostop noprint pass
break nk_image_discard_init
run
printf "%s at %#llx\n", image->name, image->base
