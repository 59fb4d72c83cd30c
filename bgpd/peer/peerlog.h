/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue of the room's log messages: FRR's identifier, its error category (0: none), and the
 * format, in the order of log_msg's arguments. FRR's texts, so scripts that watch logs go on
 * working.
 */
#ifndef FERRO_PEER_PEERLOG_H
#define FERRO_PEER_PEERLOG_H

#include "bgpd/peer/internal.h"
#include "lib/log.h"

/* clang-format off */
#define SAY_ADJ_UP          "N9HHH-F8H1M", 0, "%%ADJCHANGE: neighbor %s in vrf default Up"
#define SAY_ADJ_DOWN        "PXVXG-TFNNT", 0, "%%ADJCHANGE: neighbor %s in vrf default Down %s"
#define SAY_NOTIFY_TEXT     "H7QV4-WR3ZD", 0, "%%NOTIFICATION%s: %s neighbor %s %u/%u (%s%s%s) \"%s\""
#define SAY_NOTIFY_DATA     "HZN6M-XRM1G", 0, "%%NOTIFICATION%s: %s neighbor %s %u/%u (%s%s%s) %u bytes %s"
#define SAY_READ_ERROR      "H4B4J-DCW2R", 33554455, "%s [Error] bgp_read_packet error: %s"
#define SAY_OPEN_FAILED     "XP8XW-X8QHC", 33554452, "bgp_process_packet: BGP OPEN receipt failed for peer: %s(%s)"
#define SAY_UNEXPECTED      "P3GYW-PBKQG", 33554466, "%s [FSM] unexpected packet received in state %s"

#define SAY_RELEASED        "GYE1R-WA4DN", 0, "%s: released from config-pending hold"
#define SAY_FSM_EVENT       "YMS6M-YHVP0", 0, "%s [FSM] %s (%s->%s), fd %d for %s"
#define SAY_FSM_STATUS      "Y3C15-ECQV0", 0, "bgp_fsm_change_status : vrf default(0), Status: %s established_peers %u for %s"
#define SAY_FSM_WENT        "ZZPVC-3AHMF", 0, "%s fd %d went from %s to %s for %s"
#define SAY_NO_PATH         "PWEGS-X499E", 0, "%s [FSM] Waiting for NHT, no path to neighbor present for %s"
#define SAY_CONNECT_START   "Z195V-FNKRK", 0, "%s [Event] Connect start to %s fd %d"
#define SAY_CONNECT_WAIT    "GNSWT-VK6XB", 0, "%s [FSM] Non blocking connect waiting result, fd %d for %s"
#define SAY_CONNECT_FAILED  "XB8WX-EQF0G", 0, "%s [Event] Connect failed %d(%s) for connection %s"
#define SAY_OPEN_ACTIVE     "ZR8QK-NW86V", 0, "%s open active, local address %s for %s"
#define SAY_OPEN_PASSIVE    "V2443-ECDGX", 0, "%s passive open for %s"
#define SAY_CLOSED          "NJ2F2-2W769", 0, "%s [Event] BGP connection closed fd %d"
#define SAY_START_TIMER     "SEJV2-PXFYK", 0, "%s [FSM] Timer (start timer expire for %s)."
#define SAY_KEEPALIVE_TIMER "P8XN0-33WQ6", 0, "%s [FSM] Timer (keepalive timer expire)"
#define SAY_ACCEPT          "T04AP-5W1P3", 0, "[Event] connection from %s fd %d, active peer status %d fd %d"
#define SAY_TRANSFER        "X9KQ0-V0CBB", 0, "%s: peer transfer %p fd %d -> %p fd %d)"
#define SAY_STUB_DELETED    "N67C8-7APMZ", 0, "[Event] Deleting stub connection for peer %s for %s"
#define SAY_PEER_TRACE      "PS6EE-GYMZN", 0, "%s: peer %s"
#define SAY_CLEAR_ROUTES    "Z7BHN-BQBCY", 0, "bgp_clear_route_all: peer %s"
#define SAY_COLLISION       "HH0B8-64CV6", 0, "New Connection received, but existing connection from %s will win collision detection so dropping this new connection"

#define SAY_SENDING_MP      "TA7PM-9V913", 0, "%s sending OPEN MP capability for afi/safi: %s/unicast (AFI=%u, SAFI=1)"
#define SAY_SENDING_HOST    "XKJ09-9VTZ7", 0, "%s Sending hostname cap with hn = %s, dn = (null)"
#define SAY_SENDING_GR      "HVWXV-RN5J7", 0, "%s: Sending GR Capability, Restart time %u R-bit SET, N-bit SET"
#define SAY_SENDING_OPEN    "G1CME-TC11B", 0, "%s fd %d sending OPEN, version 4, my as %u, holdtime %u, id %s"
#define SAY_OPEN            "WNM1E-D314G", 0, "%s rcv OPEN, version %u, remote-as (in open) %u, holdtime %u, id %s"
#define SAY_OPEN_OPTIONS    "QG29C-5TSVS", 0, "%s rcv OPEN w/ OPTION parameter len: %u"
#define SAY_OPEN_PARAM      "NVZPF-5ST3B", 0, "%s rcvd OPEN w/ optional parameter type %u (%s) len %u"
#define SAY_OPEN_CAP        "SCW43-WN4M1", 0, "%s OPEN has %s capability (%u), length %u"
#define SAY_CAP_MP          "TJB7B-XDZ5C", 0, "%s OPEN has MultiProtocol Extensions capability for afi/safi: %s/unicast (AFI=%u, SAFI=1)"
#define SAY_CAP_ADDPATH     "SBSKM-G6QBW", 0, "%s OPEN has AddPath capability for afi/safi: %s/unicast%s%s"
#define SAY_CAP_LIMIT       "MSJ7S-E9MRG", 0, "%s OPEN has Paths-Limit capability for afi/safi: %s/unicast limit: %u"
#define SAY_CAP_HOST        "MR6EG-NS6N7", 0, "%s received hostname %s, domainname %s"
#define SAY_CAP_GR          "V30NV-6FS3W", 0, "%s OPEN has GR capability, Restart time %u R-bit %s N-bit %s"
#define SAY_CAP_LLGR        "ZVHDJ-HW40B", 0, "%s Addr-family %s/unicast(afi/safi) not enabled. Ignore the Long-lived Graceful Restart capability"

#define SAY_KEEPALIVE_SENT  "HRDT0-0DPQ7", 0, "%s sending KEEPALIVE"
#define SAY_KEEPALIVE       "X61A3-E95TJ", 0, "%s KEEPALIVE rcvd"

#define SAY_UPDATE_ATTR     "XXWBM-V772F", 0, "%s rcvd UPDATE w/ attr: %s"
#define SAY_UPDATE_DETAIL   "T5AAP-5GA85", 0, "%s rcvd UPDATE w/ attr: %s"
#define SAY_UPDATE_LENGTHS  "PCFFM-WMARW", 0, "%s rcvd UPDATE wlen %u attrlen %u alen %u"
#define SAY_UPDATE_ROUTE    "YCKEM-GB33T", 0, "%s rcvd %s %s unicast"
#define SAY_UPDATE_DENIED   "RZMGQ-A03CG", 0, "%s rcvd UPDATE about %s %s unicast -- DENIED due to: %s"
#define SAY_UPDATE_GONE     "PAPP6-VDAWM", 0, "%s rcvd UPDATE about %s %s unicast -- withdrawn"
#define SAY_UPDATE_UNKNOWN  "PC71A-4RFD8", 0, "%s Can't find the route %s %s unicast"
#define SAY_EOR             "M59KS-A3ZXZ", 0, "bgp_update_receive_eor: rcvd End-of-RIB for %s Unicast from %s in vrf default"
#define SAY_EOR_SENT        "ZP3RE-J4Q8C", 0, "send End-of-RIB for %s Unicast to %s"

#define SAY_NEAR_LIMIT      NULL, 0, "%%MAXPFX: No. of %s Unicast prefix received from %s reaches %u, max %u"
#define SAY_OVER_LIMIT      NULL, 0, "%%MAXPFXEXCEED: No. of %s Unicast prefix received from %s %u exceed, limit %u"

#define SAY_REFRESH         "ZA6YQ-H64CG", 0, "%s rcvd route-refresh (%s) for %s/unicast"
#define SAY_REFRESH_SENT    "QCZ1W-VKS36", 0, "%s sending REFRESH_REQ for afi/safi: %s/unicast"
#define SAY_BORR_SENT       "WBA9N-AD4S7", 0, "%s sending route-refresh (BoRR) for %s/unicast"
#define SAY_EORR_SENT       "ZJ0J3-B7WQY", 0, "%s sending route-refresh (EoRR) for %s/unicast"
/* clang-format on */

/* Room for the longest name: address, parentheses, host name. */
enum { PEER_NAME_LEN = ADDR_STRLEN + 68 };
/* "10.0.0.2(r2)", "(Unknown)" for a host name that never came. Returns buf. */
const char *peer_name(const struct peer *p, char buf[static PEER_NAME_LEN]);
const char *peer_host(const struct peer *p, char buf[static ADDR_STRLEN]); /* the address alone */
const char *family_name(enum family f);                                    /* "IPv4" */
bool peer_debug(const struct peer *p, enum debug_flag what);
struct log *peer_log(const struct peer *p);

void log_event(const struct peer_conn *c, enum fsm_event e, enum fsm_state from, enum fsm_state to);
void log_went(const struct peer_conn *c, enum fsm_state from, enum fsm_state to);
/* The connection goes for good: FRR has a state for it, too. */
void log_deleted(const struct peer_conn *c);
/* sent: to the neighbor. inner is what a Hard Reset says, or the NOTIFICATION itself. */
void log_notify(const struct peer *p, bool sent, const struct notify *inner, bool hard);
/* The parameters and capabilities of an OPEN (body without the header), one line each. */
void log_open(const struct peer *p, const struct open_msg *o, const uint8_t *body, size_t len);

#endif
