/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PV or PVH guest (the same ELF is both, see arch.h) whose every framebuffer
 * update, XenStore request and ring index is chosen by the test. Words of its
 * command line (xl: extra=) are key=value:
 *
 *   scenario=NAME  what to do, see below
 *   seed=N         of the drawing (1)
 *   w= h= stride= mem=   geometry: 800, 600, 4 * w bytes, 2 MiB
 *   xs=linux|all|chunks|bytes   how XenStore requests reach the ring, see
 *                  xenstore.h (linux: notifies as Linux does, i.e. seldom)
 *   exit=1         power off after the verdict (otherwise idle for ever)
 *
 * Output on the PV console: lines of progress, then
 *   PASS NAME DETAIL                               only if it succeeded
 *   VERDICT: SUCCESS|FAILURE|ERROR NAME DETAIL     always the last line
 * ERROR: the test could not be done (arguments, no device, no backend).
 * crc is zlib's crc32 of R, G, B of each pixel, row by row, of what the guest
 * has drawn. The fourth byte of a pixel is noise and no part of it.
 *
 * Scenarios
 *
 * picture style=NAME   one picture, one UPDATE of all; PASS picture crc=HEX.
 *   style= is one of the styles of hostile-info (odd-*), default linux.
 *   Pixel (x, y), all integer, n = xorshift32 (13, 17, 5) of the state seeded
 *   with seed (0: 0x9e3779b9), drawn for every pixel, row by row:
 *     v = (256 x / w) << 16 | (256 y / h) << 8 | ((x + y) & 255)
 *     if ( (x / 64 + y / 16) & 1 ) v ^= n & 0x0f0f0f
 * rects count=1000 delay=0 max=200 hold=0   black screen, UPDATE of all, then
 *   random rectangles, each with its exact UPDATE and a pause of delay ms;
 *   "rects N" each hundred, "start" before hold ms; PASS rects crc=HEX.
 *   From the generator above: W = 1 + n % min(max, w), H likewise,
 *   X = n % (w - W + 1), Y = n % (h - H + 1), c = n; c >> 31: all c, otherwise
 *   n for each pixel, row by row.
 * drag count=100 delay=100   a window of 400x300 on a desktop, "start"; once
 *   data/step in XenStore is 1, it moves count times, an UPDATE of where it was
 *   and is, and a pause of delay ms after each; PASS drag crc=HEX.
 * film count=100 delay=100   as drag, but a window of 320x240 shows frames that
 *   change everywhere; PASS film crc=HEX.
 * resize hold=3000   RESIZE among 800x600, 640x480 with new and old stride,
 *   720x400 at an offset, and back; "step N WxH stride=S offset=O crc=HEX",
 *   then hold ms for the observer, or until data/step in XenStore is N + 1.
 *   Picture seed: seed + N.
 * reconnect count=10 hold=0   a new connection with new pages each time;
 *   "connection N crc=HEX" with picture seed + N, then hold ms. QEMU 7.2
 *   shows connections after the first only if a VNC client has been there
 *   during the first: take a screenshot of connection 0, hold=4000.
 * granted wait=20000   grants a page to dom0 ("granted ref=N") and waits wait ms
 *   for it to be mapped; then that page is part of the framebuffer.
 *   PASS granted mapped=0|1 connected=0|1.
 * moved wait=60000   PVH: once the screen shows a picture ("picture crc=HEX"),
 *   its page 5 gets another frame number, and where it was lies a page full of
 *   "LANTERN "; "moved from=FRAME to=FRAME"; so until data/step in XenStore is 1,
 *   at most for wait ms.  Then all is as before, with picture seed + 1;
 *   PASS moved crc=HEX.  FAILURE: the secret's page has changed.
 * crash fault=0   Xen crashes the domain, with a magic number in registers and
 *   on the stack; no verdict.  PV: an exception without a handler.  PVH: an
 *   impossible interrupt.  fault=1: a page fault at a magic address, which is a
 *   triple fault in a PVH guest: Xen reboots it (on_reboot=).
 * input wait=60000 count=0   vfb and vkbd; prints "key CODE PRESSED",
 *   "motion X Y Z", "pos X Y Z", "other TYPE"; ends after wait ms or count
 *   events; PASS input events=N.
 * redraw wait=60000 count=0   as input, but a key that is pressed, the Nth, has
 *   all of the screen drawn, red being N & 255 in each pixel, and UPDATE told;
 *   "redraw N drawn=US told=US".
 * recycled wait=60000 hold=3000   as input; once XenStore has no keyboard any
 *   more, at most after wait ms, fills its page with "LANTERN " and says
 *   "recycled".  FAILURE: after hold ms the page holds something else.
 * idle   connects nothing, answers nothing.
 *
 * Hostile ones. That Xen crashes the domain is an outcome the caller judges.
 *
 * hostile-ring delay=20   connects, then malformed UPDATE and RESIZE events,
 *   unknown types, wild indices; "case NAME" after each, delay ms between
 *   sizes; an honest RESIZE and picture seed + 1 at the end;
 *   PASS hostile-ring alive crc=HEX.
 * hostile-info case=NAME dev=vfb|vkbd wait=1500 linger=200   publishes one
 *   lie, waits wait ms for the backend, sends events, lingers for linger ms;
 *   "case NAME backend=STATE"; STATE: 4 connected, 2 refused.
 *   case=list prints "name NAME" for each; case=all runs them one by one over
 *   reconnects. NAME, see info.c, is one of
 *     width- height- line- mem- depth-VALUE   info page field (vfb)
 *     dir-KIND frame-KIND   entry of the info page's or a page's directory
 *     ref-KIND              page-ref; KIND: zero one max huge foreign xen self
 *                           l4 l1 shared start-info store console dup
 *     ref-text-*, port-*    page-ref and event-channel strings
 *     odd-*                 unusual but correct: must be served
 *     post-*                pages given away, made page tables (PV), moved
 *                           (PVH) or fields changed after the connection
 *   FAILURE: a page table or other page that nobody may write has changed.
 *   What the other kind of guest alone can do: "SKIP NAME pv-only|pvh-only".
 *   xen is Xen's memory (PV) or the local APIC's registers (PVH); zero and one
 *   are pages of a PVH guest's own.
 * racing count=100000   flips info fields, directories, events and indices
 *   while sending events; with vcpus=2 the second vCPU flips, the first sends.
 *   What the screen shows afterwards is undefined.
 * juggling count=10 wait=1000   PVH with vcpus=2: the second vCPU moves the info
 *   page, its directory and a page of the framebuffer there and back while the
 *   first connects, once more each time; "juggling N backend=STATE" after wait
 *   ms at most.  At the end an honest connection with picture seed + 1;
 *   PASS juggling connected=N crc=HEX.
 * xs-fuzz count=1000 connect=1   garbage on the store ring of a connected
 *   guest (connect=0: of one without framebuffer); picture seed + 1 at the end.
 */
#ifndef PVGUEST_H
#define PVGUEST_H

#include "fb.h"

enum verdict { SUCCESS, FAILURE, ERROR };

/* What PASS and VERDICT lines end with. */
void detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A detail that says so: ERROR, FAILURE. */
enum verdict no_backend(void);
enum verdict ring_stuck(void);

enum verdict run_picture(void);
enum verdict run_rects(void);
enum verdict run_again(void);
enum verdict run_flood(void);
enum verdict run_drag(void);
enum verdict run_film(void);
enum verdict run_resize(void);
enum verdict run_reconnect(void);
enum verdict run_granted(void);
enum verdict run_moved(void);
enum verdict run_crash(void);
enum verdict run_input(void);
enum verdict run_redraw(void);
enum verdict run_recycled(void);
enum verdict run_idle(void);
enum verdict run_hostile_ring(void);
enum verdict run_hostile_info(void);
enum verdict run_racing(void);
enum verdict run_juggling(void);
enum verdict run_xs_fuzz(void);

/* The connection in use; served while idle. */
extern struct fb fb;

#endif
