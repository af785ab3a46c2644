/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames that are no page of the guest's memory: 0, or as lab_refused(). */
#ifndef FRAMES_H
#define FRAMES_H

#include "lab.h"

int frame_of_dom0(struct lab *lab, xen_pfn_t *mfn);
int frame_of_grants(struct lab *lab, xen_pfn_t *mfn);
/* The hypervisor's double of the store's page, the guest's by its owner. */
int frame_of_shadow(struct lab *lab, xen_pfn_t *mfn);

#endif /* FRAMES_H */
