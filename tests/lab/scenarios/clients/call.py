# SPDX-License-Identifier: Apache-2.0
"""Talks to xfrmd by python3-varlink, which knows of it what GetInterfaceDescription says. One line for each thing tried."""
import sys

import varlink

client = varlink.Client.new_with_address("unix:" + sys.argv[1])
print("interfaces:", *sorted(client.get_interfaces()))
members = client.get_interface("io.xfrmd").members
print("described:", *(name for name in ("Up", "Monitor", "Connection", "NotPermitted") if name in members))


def refused(call, *arguments, **named):
    """The error of a call, by its name and parameters."""
    try:
        reply = call(*arguments, **named)
        return "no error: %s" % list(reply) if named.get("_more") else "no error: %s" % reply
    except varlink.VarlinkError as error:
        return "%s %s" % (error.error(), error.parameters())


with client.open("io.xfrmd") as xfrmd:
    print("up:", [reply.get("step") or reply["state"] for reply in xfrmd.Up("bob", _more=True)])
    status = xfrmd.Status()["status"]
    print("status:", status["connections"][0]["name"], status["connections"][0]["state"], status["kernel"]["state"])
    print("children:", [reply["child"]["name"] for reply in xfrmd.ListChildren(_more=True)])
    print("sas:", [reply["sa"]["owner"] for reply in xfrmd.ListSas(_more=True)])
    print("owner of nobody's:", xfrmd.FindOwner(7))
    print("log level:", xfrmd.SetLogLevel("debug")["former"], xfrmd.SetLogLevel("info")["former"])
    print("unknown:", refused(xfrmd.Up, "nobody"))
    print("invalid:", refused(xfrmd.SetLogLevel, "loud"))
    print("not a stream:", refused(xfrmd.ListSas))

# A stream without an end, beside calls on a connection of their own.
with client.open("io.xfrmd") as watching, client.open("io.xfrmd") as xfrmd:
    events = watching.Monitor(connections=["bob"], events=["child_up", "child_down"], _more=True)
    print("event:", next(events)["event"]["type"])
    xfrmd.Down("bob")
    print("event:", next(events)["event"]["type"])
    xfrmd.Up("bob")
    event = next(events)["event"]
    print("event:", event["type"], event["child"], event["connection"])
