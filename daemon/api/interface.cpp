// SPDX-License-Identifier: Apache-2.0
// The control interface in Varlink's language. What is written here is what `varlinkctl introspect`
// prints.
#include "daemon/api/interface.h"

namespace xfrmd::api {
namespace {

constexpr std::string_view kXfrmdDescription =
    R"(# Controls xfrmd, which negotiates IPsec keys with IKEv2 and programs the kernel.
#
# Reading needs membership in group xfrmd or xfrmd-admin, changing (Up, Down, Rekey, Reload, Flush) in
# group xfrmd-admin; root may do both. Times are RFC 3339 in UTC, durations are numbers of seconds, SPIs
# are "0x…" in hexadecimal, UDP end points are "192.0.2.1:500" or "[2001:db8::1]:4500", traffic is
# "10.1.0.0/16" or "10.1.0.0/16[tcp/80]". Fields are only ever added: ignore those you do not
# know.
interface io.xfrmd

# How a connection is doing.
# up: it has a CHILD_SA for each of its children, or at least an IKE SA where it has none.
# connecting: the first negotiation is under way.
# waiting_for_traffic: its policies are in place; the first packet starts the negotiation.
# waiting_for_address: no address of this host leads to the peer yet. Its traffic is blocked until then, unless when_down
# lets it pass.
# passive: it waits for the peer to start.
# retrying: an attempt failed; the next one is at next_attempt.
# held_down: closed by Down, until Up.
# policies_refused: the kernel did not take its policies: its traffic is not protected.
type ConnectionState (
	up,
	connecting,
	waiting_for_traffic,
	waiting_for_address,
	passive,
	retrying,
	held_down,
	policies_refused
)

# Who began the negotiation, seen from this host.
type Role (initiator, responder)

# What becomes of a packet: its payload is protected, or all of it inside a new IP header.
type Mode (transport, tunnel, beet)

# What starts a connection.
type Start (on_traffic, now, passive)

# What becomes of the traffic while a connection has no SA.
type WhenDown (block, clear)

# Which packets a policy or an SA is about, seen in the direction they travel.
type Direction (in, out, forward)

# A connection is as the configuration wants it, and how it fares.
type Connection (
	name: string,
	state: ConnectionState,
	# When it came into this state.
	since: string,
	# Why it is not up, or why its last attempt failed; a stable word such as "authentication_failed".
	reason: ?string,
	# The same for people, as a sentence.
	detail: ?string,
	# True if the peer told us by a notification, false if it is our own finding.
	said_by_peer: ?bool,
	# When the last attempt failed.
	failed_at: ?string,
	# When the next attempt is due.
	next_attempt: ?string,
	# Our address and the peer's, as configured; "any" if it serves policies that others install.
	local: string,
	remote: string,
	local_id: string,
	# The identity or the pattern that is accepted as the peer's.
	peer_id: string,
	start: Start,
	when_down: WhenDown,
	# Where it is configured: "FILE:LINE".
	origin: string,
	# Names of the configured children.
	child_names: []string,
	ike_sas: []IkeSa,
	children: []Child,
	# How many SAs of a former run of xfrmd carry its traffic until it has been negotiated anew; absent if none.
	kept_sas: ?int
)

# An IKE SA, established or being negotiated.
type IkeSa (
	# Empty while a responder cannot tell yet.
	connection: string,
	initiator_spi: string,
	# "0x0000000000000000" until the responder has answered.
	responder_spi: string,
	role: Role,
	# "established", or the name of the step it waits in, such as "init_sent".
	state: string,
	local: string,
	remote: string,
	local_id: string,
	peer_id: string,
	# The chosen algorithms.
	suite: string,
	# Whether this host, or the peer, is behind a NAT.
	nat_local: bool,
	nat_remote: bool,
	# Whether it may go on when an end gets another address (RFC 4555), and where else the peer
	# says it can be reached.
	mobike: bool,
	peer_addresses: []string,
	since: string
)

# A CHILD_SA: a pair of ESP SAs.
# active: carries the traffic. awaiting_switch: made by the peer's rekey, nothing is sent with it before
# the peer deletes the child it replaces. superseded: replaced, to be deleted. deleting: the peer is
# being told. retired: deleted, late packets are still taken for a few seconds.
type ChildPhase (active, awaiting_switch, superseded, deleting, retired)

type Child (
	connection: string,
	name: string,
	# The SPIs of the IKE SA that it belongs to.
	ike_initiator_spi: string,
	ike_responder_spi: string,
	mode: Mode,
	reqid: int,
	inbound_spi: string,
	outbound_spi: string,
	# Of IPComp inside it; absent without compression.
	inbound_cpi: ?string,
	outbound_cpi: ?string,
	suite: string,
	# The negotiated traffic at our end and at the peer's.
	local: []string,
	remote: []string,
	# True with ESP in UDP.
	encapsulated: bool,
	phase: ChildPhase,
	since: string
)

# A child as it is configured.
type ConfiguredChild (
	name: string,
	mode: Mode,
	reqid: int,
	local: []string,
	remote: []string,
	# In order of preference, in the configuration's words: "aes256gcm16-esn".
	proposals: []string,
	policy_priority: int,
	replay_window: int,
	compress: bool
)

# What went wrong with a peer that may have meant any of several connections, or none.
type Failure (
	reason: string,
	detail: string,
	said_by_peer: bool,
	at: string
)

# What the kernel can do for us.
type Kernel (
	# ready: requests are answered. silent: one waits for its answer longer than it should; detail
	# tells how long.
	state: (ready, silent),
	detail: ?string,
	# Requests that the kernel has not answered yet.
	pending: int,
	# How often events were lost and the tables had to be read again.
	resyncs: int
)

type Statistics (
	ike_sas: int,
	half_open: int,
	established_total: int,
	failed_total: int,
	# Initiators that were asked to prove their address, RFC 7296 section 2.6.
	cookies_sent: int,
	# Datagrams that changed nothing, by cause.
	dropped: [string]int,
	# IKE messages, keepalives not counted.
	datagrams_received: int,
	datagrams_sent: int,
	# Datagrams that the system refused to send.
	send_errors: int
)

# Somebody who still speaks IKEv1.
type Ikev1Peer (
	address: string,
	first_seen: string,
	last_seen: string,
	messages: int
)

type Overview (
	version: string,
	# Counts the configurations that were put into force since the start.
	configuration: int,
	started: string,
	configured_at: string,
	# Why what the files say is not in force as a whole: connections that wait for an address or a
	# route, and the mistakes for which the last reload was refused.
	configuration_problems: []Diagnostic,
	kernel: Kernel,
	connections: []Connection,
	# Responders that do not know yet which connection they are for.
	half_open: []IkeSa,
	last_unassigned_failure: ?Failure,
	# The latest of them, oldest first.
	ikev1_peers: []Ikev1Peer,
	statistics: Statistics
)

# An SA as the kernel has it. Keys are never shown.
type Sa (
	source: string,
	destination: string,
	protocol: (esp, ah, ipcomp),
	spi: string,
	mode: Mode,
	reqid: int,
	# The child whose reqid this is: "CONNECTION/CHILD". Absent for what others have installed.
	owner: ?string,
	# True for a reserved SPI, or an SA that is being negotiated.
	larval: bool,
	# The kernel's names of the algorithms.
	aead: ?string,
	encryption: ?string,
	integrity: ?string,
	compression: ?string,
	icv_bits: ?int,
	selector: ?string,
	mark: ?string,
	if_id: ?int,
	encapsulation: ?string,
	replay_window: int,
	extended_sequence_numbers: bool,
	bytes: int,
	packets: int,
	replay_errors: int,
	integrity_failures: int,
	added_at: ?string,
	used_at: ?string
)

# One transform that a policy asks for.
type Template (
	source: string,
	destination: string,
	protocol: (esp, ah, ipcomp),
	mode: Mode,
	reqid: int,
	spi: ?string,
	# "use" instead of "require": a packet without an SA passes too.
	optional: bool
)

# A policy as the kernel has it.
type Policy (
	direction: Direction,
	selector: string,
	action: (allow, block),
	# The lowest number wins.
	priority: int,
	# Empty with action allow: passes in clear.
	templates: []Template,
	# As in Sa.
	owner: ?string,
	mark: ?string,
	if_id: ?int,
	# The kernel's own number.
	index: int,
	added_at: ?string,
	used_at: ?string
)

# Something that happened. Which of the optional fields are there follows from `type`.
# connection_state: a connection as it was when Monitor was called (state). synchronized: all of
# them have been told, what follows are changes. progress: a step of a negotiation (step).
# reloaded: a new configuration is in force.
type Event (
	at: string,
	type: EventType,
	connection: ?string,
	child: ?string,
	state: ?Connection,
	step: ?string,
	role: ?Role,
	initiator_spi: ?string,
	responder_spi: ?string,
	# Of the one that another took over from.
	replaced_initiator_spi: ?string,
	replaced_responder_spi: ?string,
	replaced_spi: ?string,
	inbound_spi: ?string,
	outbound_spi: ?string,
	local: ?string,
	remote: ?string,
	peer_id: ?string,
	suite: ?string,
	reason: ?string,
	detail: ?string,
	said_by_peer: ?bool,
	# Seconds until the next attempt; absent if none follows by itself.
	retry_in: ?float,
	# How many policies were installed.
	count: ?int,
	configuration: ?int
)

type EventType (
	connection_state,
	synchronized,
	progress,
	ike_sa_up,
	ike_sa_rekeyed,
	ike_sa_moved,
	ike_sa_down,
	child_up,
	child_rekeyed,
	child_down,
	negotiation_failed,
	policy_failed,
	policies_installed,
	# A peer that still speaks IKEv1 was heard for the first time.
	ikev1_peer,
	reloaded
)

# A mistake in the configuration, or something worth a warning.
type Diagnostic (
	severity: (error, warning),
	file: string,
	# From 1; 0 if the file as a whole is meant.
	line: int,
	column: int,
	text: string,
	# The line of the file.
	source_line: ?string,
	# What to do about it.
	hint: ?string
)

# What becomes of a connection: added; removed with its SAs; keeps_sas, since only what the next SAs
# live by differs; replaces_sas, which closes its SAs and makes new ones while its policies stay.
type PlannedChange (
	connection: string,
	impact: (added, removed, keeps_sas, replaces_sas),
	# Which settings differ, by their words in the configuration: "remote", "child lan: esp".
	settings: []string,
	# CHILD_SAs that are there now.
	children: int,
	# Where it stands, or stood: "FILE:LINE".
	origin: string
)

# The whole overview.
method Status() -> (status: Overview)

# With `more`: one connection per reply; no reply carries one if there is none.
method ListConnections() -> (connection: ?Connection)

# With `more`: one IKE SA per reply, half-open ones included.
method ListIkeSas() -> (ike_sa: ?IkeSa)

# With `more`: one CHILD_SA per reply.
method ListChildren() -> (child: ?Child)

# With `more`: one policy of the kernel per reply, those of others included.
method ListPolicies() -> (policy: ?Policy)

# With `more`: one SA of the kernel per reply, those of others included.
method ListSas() -> (sa: ?Sa)

# Whose a reqid is, by the configuration: the fields are absent for what others have installed.
method FindOwner(reqid: int) -> (
	connection: ?string,
	child: ?string,
	# Where the connection is configured: "FILE:LINE".
	origin: ?string
)

# One connection with the settings of its children.
method Show(name: string) -> (
	connection: Connection,
	configured_children: []ConfiguredChild,
	ike_proposals: []string
)

# What monitoring systems gather, in OpenMetrics' text form.
method Metrics() -> (text: string)

# Brings a connection up, also after Down. Replies when it is up. With `more`, each step is told
# before that: then `step` is there, and `state` is in the last reply only.
method Up(connection: string) -> (
	connection: string,
	# Since the call.
	milliseconds: float,
	step: ?string,
	state: ?ConnectionState
)

# Closes a connection's SAs and keeps it down until Up. Its policies stay: its traffic is blocked,
# or passes in clear, as when_down says.
method Down(connection: string) -> (connection: string, state: ?ConnectionState)

# New keys for what is up: for the children, then for the IKE SA. Replies when the negotiation has
# begun; Monitor tells how it ends.
method Rekey(connection: string) -> (connection: string, state: ?ConnectionState)

# With `more`: first the state of each connection, then `synchronized`, then each event. Ends when
# the client closes.
method Monitor() -> (event: Event)

# Reads the configuration again and puts it into force as a whole, or not at all. Connections that
# did not change keep their SAs.
method Reload() -> (configuration: int, connections: int, warnings: []Diagnostic)

# Closes every IKE SA with a Delete to its peer, and takes all SAs and policies of xfrmd out of the kernel, those of
# former runs too. From then on nothing is protected, until Reload. What others have installed stays. Tells what is
# gone, and whether every peer has confirmed it in time.
method Flush() -> (ike_sas: int, sas: int, policies: int, confirmed: bool)

# What Reload would change, by the files as they are now. Nothing is changed.
method Plan() -> (
	changes: []PlannedChange,
	# Connections that stay as they are.
	unchanged: int,
	# Whether what holds for the whole host differs: limits, IKEv1, crash detection.
	limits_differ: bool,
	warnings: []Diagnostic
)

# Reload; with `confirm_within`, in seconds, only until then: unless Confirm comes before, what was in force
# is put into force again. A Reload or another Apply in the meantime takes the place of this one.
method Apply(confirm_within: ?float) -> (
	configuration: int,
	connections: int,
	warnings: []Diagnostic,
	confirm_by: ?string
)

# What Apply has put into force stays.
method Confirm() -> (configuration: int)

# Changes to the kernel's tables, beside what connections have there: statements in setkey's language,
# all in numbers (spdadd, spdupdate, spddelete, delete; interfaces by their index), at most 256 in a
# call. They take effect at once and in their order, but what is not kept is taken back: by
# `then: take_back`, by a refusal, when the client closes its connection, or when the daemon stops.
# `keep` keeps what this and earlier calls on this connection have changed. Entries of connections
# cannot be removed or replaced. There are no statements with keys here.
method ChangeTables(statements: []string, then: ?(keep, take_back)) -> (
	# How many are kept.
	changes: int,
	# What could not be put back as it was.
	trouble: ?string
)

error UnknownConnection (connection: string)

# `reason` is a stable word, as in Connection.
error NegotiationFailed (connection: string, reason: string, detail: string)

# `needed` says who may call this.
error NotPermitted (method: string, needed: string)

# Nothing was applied for a time, or that time is over.
error NothingToConfirm ()

error ConfigurationInvalid (diagnostics: []Diagnostic)

# The daemon is stopping.
error ShuttingDown ()

# The kernel did not answer, or refused.
error KernelFailed (detail: string)

# A statement was refused, the one at `position` from 0 on, so all is as it was before the first of
# what was not kept, but for `trouble`. `errno` is the kernel's number, or EPERM (1) for an entry of a
# connection, EINVAL (22) for what is no statement, EBUSY (16) while another client changes tables.
error ChangeRefused (position: int, detail: string, errno: int, trouble: ?string)

# The client did not read its replies fast enough; some were lost and the connection is closed.
error Overrun ()

# The reply would have more octets than any message may. The lists have no such limit, since each of
# their replies is about one thing.
error ReplyTooLarge (octets: int, octets_max: int)

# Close some of the other connections first.
error TooManyClients (clients_max: int)
)";

constexpr std::string_view kServiceDescription =
    R"(# What every Varlink service answers about itself.
interface org.varlink.service

# Who this is and what it offers.
method GetInfo() -> (
	vendor: string,
	product: string,
	version: string,
	url: string,
	interfaces: []string
)

# The description of an interface in Varlink's language.
method GetInterfaceDescription(interface: string) -> (description: string)

error InterfaceNotFound (interface: string)

error MethodNotFound (method: string)

error MethodNotImplemented (method: string)

error InvalidParameter (parameter: string)

error PermissionDenied ()

error ExpectedMore ()
)";

}  // namespace

std::string_view interface_description(std::string_view interface) {
    if (interface == kInterface) return kXfrmdDescription;
    if (interface == kServiceInterface) return kServiceDescription;
    return {};
}

}  // namespace xfrmd::api
