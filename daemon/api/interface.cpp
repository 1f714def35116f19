// SPDX-License-Identifier: Apache-2.0
// The control interface in Varlink's language. What is written here is what `varlinkctl introspect`
// prints.
#include "daemon/api/interface.h"

namespace xfrmd::api {
namespace {

constexpr std::string_view kXfrmdDescription =
    R"(# Controls xfrmd, which negotiates IPsec keys with IKEv2 and programs the kernel.
#
# Reading needs membership in group xfrmd or xfrmd-admin, changing (Up, Down, Rekey, Reload, Apply,
# Confirm, ChangeTables, Flush, SetLogLevel) in group xfrmd-admin; root may do both, and root alone
# gets keys (ExportKeys). Times are RFC 3339 in UTC, durations are numbers of seconds, SPIs are "0x…"
# in hexadecimal, UDP end points are "192.0.2.1:500" or "[2001:db8::1]:4500", traffic is
# "10.1.0.0/16" or "10.1.0.0/16[tcp/80]". Fields are only ever added: ignore those you do not know.
interface io.xfrmd

# How a connection is doing.
# up: it has a CHILD_SA for each of its children, or at least an IKE SA where it has none.
# connecting: the first negotiation is under way.
# waiting_for_traffic: its policies are in place; the first packet starts the negotiation.
# waiting_for_address: no address of this host leads to the peer yet. Its traffic is blocked until then, unless when_down
# lets it pass.
# passive: it waits for the peer to start.
# retrying: an attempt failed; the next one is at next_attempt.
# serving: it waits for peers and for packets that policies of others are about (serve_acquires), and is never up itself: each peer
# gets a connection of its own, named "NAME:LOCAL-REMOTE"; peers_up tells how many of them are up.
# held_down: closed by Down, until Up.
# policies_refused: the kernel did not take its policies: its traffic is not protected.
type ConnectionState (
	up,
	connecting,
	waiting_for_traffic,
	waiting_for_address,
	passive,
	retrying,
	serving,
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
	# Its name in the configuration.
	name: string,
	# How it is doing.
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
	# Our address, as configured; "any" if it serves policies that others install.
	local: string,
	# The peer's address, as configured; "any" likewise.
	remote: string,
	# The identity that we claim.
	local_id: string,
	# The identity or the pattern that is accepted as the peer's.
	peer_id: string,
	# What starts it.
	start: Start,
	# What becomes of its traffic while it has no SA.
	when_down: WhenDown,
	# Where it is configured: "FILE:LINE".
	origin: string,
	# Names of the configured children.
	child_names: []string,
	# Its IKE SAs, those being negotiated too; after a rekey or a crossing there may be two for a moment.
	ike_sas: []IkeSa,
	# Its CHILD_SAs, those being replaced too.
	children: []Child,
	# How many SAs of a former run of xfrmd carry its traffic until it has been negotiated anew; absent if none.
	kept_sas: ?int,
	# Of one that serves others' policies: with how many peers it does; absent for all others.
	peers_up: ?int
)

# An IKE SA, established or being negotiated.
type IkeSa (
	# Empty while a responder cannot tell yet.
	connection: string,
	# The SPI of the one who began.
	initiator_spi: string,
	# "0x0000000000000000" until the responder has answered.
	responder_spi: string,
	# Ours.
	role: Role,
	# "established", or the name of the step it waits in, such as "init_sent".
	state: string,
	# Our UDP end point.
	local: string,
	# The peer's, as its messages come.
	remote: string,
	# The identity that we have claimed.
	local_id: string,
	# The identity that the peer claims, and has proven once the state is "established".
	peer_id: string,
	# The chosen algorithms.
	suite: string,
	# Whether this host is behind a NAT.
	nat_local: bool,
	# Whether the peer is behind a NAT.
	nat_remote: bool,
	# Whether it may go on when an end gets another address (RFC 4555).
	mobike: bool,
	# Where else the peer says that it can be reached, with MOBIKE.
	peer_addresses: []string,
	# When it came into this state.
	since: string
)

# What a capture of an IKE SA's messages is read with: the keys of RFC 7296 §2.14, in hexadecimal
# digits alone, as the SPIs are here.
type IkeSaKeys (
	# Empty if the peer was refused.
	connection: string,
	# Of who began.
	initiator_spi: string,
	# The other one.
	responder_spi: string,
	# As in the configuration: "aes256gcm16", "aes128".
	encryption: string,
	# As in the configuration: "sha256"; empty with a combined mode.
	integrity: string,
	# SK_ei; of a combined mode with the salt at its end.
	ei: string,
	# SK_er, likewise.
	er: string,
	# SK_ai; empty with a combined mode.
	ai: string,
	# SK_ar; empty with a combined mode.
	ar: string
)

# A CHILD_SA: a pair of ESP SAs.
# active: carries the traffic. awaiting_switch: made by the peer's rekey, nothing is sent with it before
# the peer deletes the child it replaces. superseded: replaced, to be deleted. deleting: the peer is
# being told. retired: deleted, late packets are still taken for a few seconds.
type ChildPhase (active, awaiting_switch, superseded, deleting, retired)

# A CHILD_SA as it was negotiated.
type Child (
	# Whose it is.
	connection: string,
	# Its name in the configuration.
	name: string,
	# The initiator's SPI of the IKE SA that it belongs to.
	ike_initiator_spi: string,
	# The responder's SPI of the same.
	ike_responder_spi: string,
	# What becomes of a packet.
	mode: Mode,
	# The number that its policies ask the kernel for.
	reqid: int,
	# Of the SA that we receive with.
	inbound_spi: string,
	# Of the SA that we send with.
	outbound_spi: string,
	# Of IPComp inside the inbound SA; absent without compression.
	inbound_cpi: ?string,
	# Of IPComp inside the outbound SA; absent without compression.
	outbound_cpi: ?string,
	# The chosen algorithms.
	suite: string,
	# The negotiated traffic at our end.
	local: []string,
	# The negotiated traffic at the peer's end.
	remote: []string,
	# True with ESP in UDP.
	encapsulated: bool,
	# Where it stands in its life.
	phase: ChildPhase,
	# When it came into this phase.
	since: string
)

# A child as it is configured.
type ConfiguredChild (
	# Its name in the configuration.
	name: string,
	# What becomes of a packet.
	mode: Mode,
	# The number that its policies ask the kernel for.
	reqid: int,
	# The traffic to protect, at our end.
	local: []string,
	# The same at the peer's end.
	remote: []string,
	# In order of preference, in the configuration's words: "aes256gcm16-esn".
	proposals: []string,
	# Of its policies: the lowest number wins.
	policy_priority: int,
	# How many packets may come out of order.
	replay_window: int,
	# Whether packets are compressed (IPComp) before they are encrypted.
	compress: bool
)

# What went wrong with a peer that may have meant any of several connections, or none.
type Failure (
	# A stable word, as in Connection.
	reason: string,
	# The same for people, as a sentence.
	detail: string,
	# True if the peer told us by a notification.
	said_by_peer: bool,
	# When it was.
	at: string
)

# What the kernel can do for us.
type Kernel (
	# ready: requests are answered. silent: one waits for its answer longer than it should; detail
	# tells how long.
	state: (ready, silent),
	# How long it has been silent; absent if it is ready.
	detail: ?string,
	# Requests that the kernel has not answered yet.
	pending: int,
	# How often events were lost and the tables had to be read again.
	resyncs: int
)

# Counters of IKE since the start.
type Statistics (
	# IKE SAs that there are, of all kinds.
	ike_sas: int,
	# Those that peers have begun and not finished.
	half_open: int,
	# IKE SAs that came up, since the start.
	established_total: int,
	# Negotiations that failed, since the start.
	failed_total: int,
	# Initiators that were asked to prove their address, RFC 7296 section 2.6.
	cookies_sent: int,
	# Datagrams that changed nothing, by cause.
	dropped: [string]int,
	# IKE messages that came in, keepalives not counted.
	datagrams_received: int,
	# IKE messages that were sent, keepalives not counted.
	datagrams_sent: int,
	# Datagrams that the system refused to send.
	send_errors: int
)

# Somebody who still speaks IKEv1.
type Ikev1Peer (
	# Where it is.
	address: string,
	# When its first message came.
	first_seen: string,
	# When its latest message came.
	last_seen: string,
	# How many there were.
	messages: int
)

# All that `xfrmctl status` tells.
type Overview (
	# Of the daemon.
	version: string,
	# Counts the configurations that were put into force since the start.
	configuration: int,
	# When the daemon started.
	started: string,
	# When the present configuration was put into force.
	configured_at: string,
	# Why what the files say is not in force as a whole: connections that wait for an address or a
	# route, and the mistakes for which the last reload was refused.
	configuration_problems: []Diagnostic,
	# How the kernel answers.
	kernel: Kernel,
	# All connections, in the order of their names.
	connections: []Connection,
	# Responders that do not know yet which connection they are for.
	half_open: []IkeSa,
	# The latest failure that belongs to no connection; absent if there was none.
	last_unassigned_failure: ?Failure,
	# The latest of them, oldest first.
	ikev1_peers: []Ikev1Peer,
	# Counters.
	statistics: Statistics
)

# An SA as the kernel has it. Keys are never shown.
type Sa (
	# Its outer source address; 0.0.0.0 or :: for any.
	source: string,
	# Its outer destination address.
	destination: string,
	# Its protocol.
	protocol: (esp, ah, ipcomp),
	# Its SPI; of IPComp, its CPI.
	spi: string,
	# What becomes of a packet.
	mode: Mode,
	# The number that policies ask for; 0 fits every policy that asks for none.
	reqid: int,
	# The child whose reqid this is: "CONNECTION/CHILD". Absent for what others have installed.
	owner: ?string,
	# True for a reserved SPI, or an SA that is being negotiated.
	larval: bool,
	# The kernel's names of the algorithms.
	aead: ?string,
	# The kernel's name of the encryption alone.
	encryption: ?string,
	# The kernel's name of the integrity check alone.
	integrity: ?string,
	# The kernel's name of the compression.
	compression: ?string,
	# The length of the integrity check value.
	icv_bits: ?int,
	# The traffic that it is limited to; absent if the policies alone say so.
	selector: ?string,
	# "VALUE/MASK" in hexadecimal that packets must bear; absent without one.
	mark: ?string,
	# Of the xfrm interface that it belongs to; absent without one.
	if_id: ?int,
	# "udp SOURCE-PORT>DESTINATION-PORT" of ESP in UDP; absent without.
	encapsulation: ?string,
	# How many packets may come out of order; 0: repetitions are not looked for.
	replay_window: int,
	# True with 64-bit sequence numbers (ESN).
	extended_sequence_numbers: bool,
	# Octets that have passed.
	bytes: int,
	# Packets that have passed.
	packets: int,
	# Packets that were repeated, or too late for the window.
	replay_errors: int,
	# Packets that failed the integrity check.
	integrity_failures: int,
	# When it was installed.
	added_at: ?string,
	# When the last packet passed; absent if none has.
	used_at: ?string
)

# One transform that a policy asks for.
type Template (
	# The outer source address of a tunnel; 0.0.0.0 or :: in transport mode.
	source: string,
	# The outer destination address of a tunnel.
	destination: string,
	# The protocol that is asked for.
	protocol: (esp, ah, ipcomp),
	# What becomes of a packet.
	mode: Mode,
	# The number that the SA must have; 0: any.
	reqid: int,
	# The one SA that will do; absent for any.
	spi: ?string,
	# "use" instead of "require": a packet without an SA passes too.
	optional: bool
)

# A policy as the kernel has it.
type Policy (
	# Which packets it is about.
	direction: Direction,
	# The traffic that it is about.
	selector: string,
	# Whether such packets pass, by what the templates ask for, or are dropped.
	action: (allow, block),
	# The lowest number wins.
	priority: int,
	# Empty with action allow: passes in clear.
	templates: []Template,
	# As in Sa; "neighbour discovery" if xfrmd has it for that, so that IPv6 peers can be reached.
	owner: ?string,
	# "VALUE/MASK" in hexadecimal that packets must bear; absent without one.
	mark: ?string,
	# Of the xfrm interface that it belongs to; absent without one.
	if_id: ?int,
	# The kernel's own number.
	index: int,
	# When it was installed.
	added_at: ?string,
	# When a packet last matched; absent if none has.
	used_at: ?string
)

# Something that happened. Which of the optional fields are there follows from `type`.
# connection_state: a connection as it was when Monitor was called (state). synchronized: all of
# them have been told, what follows are changes. progress: a step of a negotiation (step).
# reloaded: a new configuration is in force.
type Event (
	# When it happened.
	at: string,
	# What happened.
	type: EventType,
	# Whose connection; absent if nobody can tell yet, or if it is about none.
	connection: ?string,
	# Which child of it.
	child: ?string,
	# Of connection_state: how the connection is.
	state: ?Connection,
	# Of progress: what has just been done.
	step: ?string,
	# Who began the negotiation.
	role: ?Role,
	# Of the IKE SA it is about: the SPI of who began.
	initiator_spi: ?string,
	# Of the IKE SA it is about: the other SPI.
	responder_spi: ?string,
	# Of the one that another took over from.
	replaced_initiator_spi: ?string,
	# Of the IKE SA that another took over from: the other SPI.
	replaced_responder_spi: ?string,
	# Of the child that another took over from: the SPI that we received with.
	replaced_spi: ?string,
	# Of the child: the SPI that we receive with.
	inbound_spi: ?string,
	# Of the child: the SPI that we send with.
	outbound_spi: ?string,
	# Our UDP end point.
	local: ?string,
	# The peer's UDP end point.
	remote: ?string,
	# The identity that the peer has proven.
	peer_id: ?string,
	# The chosen algorithms.
	suite: ?string,
	# Why; a stable word, as in Connection.
	reason: ?string,
	# The same for people, as a sentence.
	detail: ?string,
	# True if the peer told us by a notification.
	said_by_peer: ?bool,
	# Seconds until the next attempt; absent if none follows by itself.
	retry_in: ?float,
	# How many policies were installed.
	count: ?int,
	# Of reloaded: the number of what is in force.
	configuration: ?int,
	# Of reloaded: the connections that were not there before, the first thousand of them by name. What changed altogether is in
	# `detail`.
	added: ?[]string,
	# Of reloaded: likewise those that have other settings.
	changed: ?[]string,
	# Of reloaded: likewise those that are gone.
	removed: ?[]string
)

# What an Event may be about.
type EventType (
	# How a connection was when Monitor was called.
	connection_state,
	# All connections have been told.
	synchronized,
	# A step of a negotiation.
	progress,
	# A peer is authenticated.
	ike_sa_up,
	# An IKE SA has taken over from another one, with all its children.
	ike_sa_rekeyed,
	# An IKE SA and its children go on between other addresses or ports.
	ike_sa_moved,
	# An IKE SA has ended, and its children with it.
	ike_sa_down,
	# A child carries traffic.
	child_up,
	# A child has taken over from another one.
	child_rekeyed,
	# A child has ended.
	child_down,
	# An attempt failed, of this host or of a peer.
	negotiation_failed,
	# The kernel did not take policies of a connection, or a policy of others cannot be served.
	policy_failed,
	# The policies of a connection are in the kernel.
	policies_installed,
	# A peer that still speaks IKEv1 was heard for the first time.
	ikev1_peer,
	# A configuration is in force.
	reloaded
)

# A mistake in the configuration, or something worth a warning.
type Diagnostic (
	# Errors keep the configuration from being put into force, warnings do not.
	severity: (error, warning),
	# Of the configuration; empty if it is about none.
	file: string,
	# From 1; 0 if the file as a whole is meant.
	line: int,
	# From 1; 0 if the line as a whole is meant.
	column: int,
	# What is wrong.
	text: string,
	# The line of the file.
	source_line: ?string,
	# What to do about it.
	hint: ?string
)

# What becomes of a connection: added; removed with its SAs; keeps_sas, since only what the next SAs
# live by differs; replaces_children, which closes those of its CHILD_SAs that differ and makes new ones,
# and keeps the others unless a child is just being made; replaces_sas, which closes all its SAs and makes
# new ones. Its policies stay.
type PlannedChange (
	# Its name.
	connection: string,
	# What becomes of it.
	impact: (added, removed, keeps_sas, replaces_children, replaces_sas),
	# Which settings differ, by their words in the configuration: "remote", "child lan: esp".
	settings: []string,
	# CHILD_SAs that are there now.
	children: int,
	# Where it stands, or stood: "FILE:LINE".
	origin: string
)

# What is written into the log. Each level includes those before it; `debug` has every step of a negotiation.
type LogLevel (error, warning, notice, info, debug)

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
	# The name of the connection.
	connection: ?string,
	# The name of its child.
	child: ?string,
	# Where the connection is configured: "FILE:LINE".
	origin: ?string
)

# One connection with the settings of its children.
method Show(name: string) -> (
	# How it fares.
	connection: Connection,
	# How its children are configured.
	configured_children: []ConfiguredChild,
	# For its IKE SA, in order of preference, in the configuration's words.
	ike_proposals: []string
)

# What monitoring systems gather, in OpenMetrics' text form.
method Metrics() -> (text: string)

# Brings a connection up, also after Down. Replies when it is up. With `more`, each step is told
# before that: then `step` is there, and `state` is in the last reply only.
method Up(connection: string) -> (
	# The name that was given.
	connection: string,
	# Since the call.
	milliseconds: float,
	# What has just been done.
	step: ?string,
	# How the connection is now.
	state: ?ConnectionState
)

# Closes a connection's SAs and keeps it down until Up. Its policies stay: its traffic is blocked,
# or passes in clear, as when_down says.
method Down(connection: string) -> (connection: string, state: ?ConnectionState)

# New keys for what is up: for the children, then for the IKE SA. Replies when the negotiation has
# begun; Monitor tells how it ends.
method Rekey(connection: string) -> (connection: string, state: ?ConnectionState)

# With `more`: first the state of each connection, then `synchronized`, then each event. Ends when
# the client closes. With `connections`, only what is about these, which must be there now; with `events`, only
# events of these types. `synchronized` is always told.
method Monitor(connections: ?[]string, events: ?[]EventType) -> (event: Event)

# Reads the configuration again and puts it into force as a whole, or not at all. Connections that
# did not change keep their SAs.
method Reload() -> (configuration: int, connections: int, warnings: []Diagnostic)

# With `more`: the keys of one IKE SA per reply, of those that are established, and of those that have
# ended or were refused a moment ago; no reply carries any if there are none. With `seconds` (a day at
# most), also those of every IKE SA that comes up in that time, which then ends with a reply that
# carries none. For root alone; the journal tells who has asked, and for how long. IKE_INTERMEDIATE has
# keys of its own, which are gone by then.
method ExportKeys(seconds: ?int) -> (keys: ?IkeSaKeys)

# Closes every IKE SA with a Delete to its peer, and takes all SAs and policies of xfrmd out of the kernel, those of
# former runs too. From then on nothing is protected, until Reload. What others have installed stays. Tells what is
# gone, and whether every peer has confirmed it in time.
method Flush() -> (ike_sas: int, sas: int, policies: int, confirmed: bool)

# What is written into the log now.
method GetLogLevel() -> (level: LogLevel)

# Writes more or less into the log, from now until the daemon ends, or a configuration with a log_level of its own is loaded.
method SetLogLevel(level: LogLevel) -> (
	# What is written from now on.
	level: LogLevel,
	# What was written before.
	former: LogLevel
)

# What Reload would change, by the files as they are now. Nothing is changed.
method Plan() -> (
	# Connections that would change, in the order of their names.
	changes: []PlannedChange,
	# Connections that stay as they are.
	unchanged: int,
	# Whether what holds for the whole host differs: limits, IKEv1, crash detection.
	limits_differ: bool,
	# What would be written into the log from then on; absent if as much as now.
	log_level: ?LogLevel,
	# What is to be said about the files.
	warnings: []Diagnostic
)

# Reload; with `confirm_within`, in seconds, only until then: unless Confirm comes before, what was in force
# is put into force again. A Reload or another Apply in the meantime takes the place of this one.
method Apply(confirm_within: ?float) -> (
	# The number of what is in force now.
	configuration: int,
	# How many connections it has.
	connections: int,
	# What is to be said about the files.
	warnings: []Diagnostic,
	# When it is taken back unless Confirm comes before; absent if it stays.
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

# No connection of the configuration has this name.
error UnknownConnection (connection: string)

# `reason` is a stable word, as in Connection.
error NegotiationFailed (connection: string, reason: string, detail: string)

# `needed` says who may call this.
error NotPermitted (method: string, needed: string)

# Nothing was applied for a time, or that time is over.
error NothingToConfirm ()

# The files have mistakes: what was in force stays in force.
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
	# Who makes it.
	vendor: string,
	# What it is.
	product: string,
	# Which version.
	version: string,
	# Where to read more.
	url: string,
	# Names of the interfaces that it has.
	interfaces: []string
)

# The description of an interface in Varlink's language.
method GetInterfaceDescription(interface: string) -> (description: string)

# There is no interface of this name.
error InterfaceNotFound (interface: string)

# The interface has no method of this name.
error MethodNotFound (method: string)

# The method is described and not there; not with this service.
error MethodNotImplemented (method: string)

# The parameter is missing, of another type, or none of the method.
error InvalidParameter (parameter: string)

# The caller may not; io.xfrmd has NotPermitted, which tells who may.
error PermissionDenied ()

# The method answers with a stream: call it with `more`.
error ExpectedMore ()
)";

}  // namespace

std::string_view interface_description(std::string_view interface) {
    if (interface == kInterface) return kXfrmdDescription;
    if (interface == kServiceInterface) return kServiceDescription;
    return {};
}

}  // namespace xfrmd::api
