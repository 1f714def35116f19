# SPDX-License-Identifier: Apache-2.0
# What becomes of a cell: passed, failed, "peer cannot", "peer's fault" or "no meaning".
#
# peers/PEER.limits lists what a peer cannot and what it does wrong. Nothing there is taken on trust: the cell runs, has to fail, and the
# evidence has to be found in what the peer and the checks have said; a listed cell that passes fails, so that the list stays true.
# Columns, by "|": row (a pattern of the shell), role or "any", "cannot" or "fault", evidence (an extended regular expression), reason.
# shellcheck shell=bash

# limit_of ROW ROLE: sets kind, evidence and why; false if there is none.
limit_of() {
    local pattern listed_role
    while IFS='|' read -r pattern listed_role kind evidence why; do
        pattern=${pattern// /} listed_role=${listed_role// /} kind=${kind// /}
        [[ -n $pattern && $pattern != \#* ]] || continue
        # shellcheck disable=SC2053
        [[ $1 == $pattern && ($listed_role == any || $listed_role == "$2") ]] || continue
        read -r evidence <<<"$evidence"
        read -r why <<<"$why"
        return 0
    done <"$interop/peers/$peer.limits"
    return 1
}

# judge ROW ROLE STATUS: sets verdict and reason, by what lies in the folder $results.
judge() {
    local kind evidence why
    verdict=failed reason=$(sed -nE 's/^ *FAILED: //p' "$results/cell.log" | sed -n 1p | tr '\t' ' ' | cut -c 1-300)
    case $3 in
    0) verdict=passed reason='' ;;
    10) verdict='peer cannot' reason=$(</run/interop/cannot) && return ;;
    11) verdict='no meaning' reason=$(</run/interop/cannot) && return ;;
    esac
    limit_of "$1" "$2" || return 0
    if [[ $verdict == passed ]]; then
        verdict=failed reason="it passes, but peers/$peer.limits says: $why"
    elif grep -qhE -- "$evidence" "$results"/*.log; then
        if [[ $kind == cannot ]]; then verdict='peer cannot'; else verdict="peer's fault"; fi
        reason=$why
    fi
}
