#!/bin/sh
# Once a day: the validation that MESH asks for every 24 hours, and a look at what expires.
# Prints nothing while all is well, so that cron writes an email only when there is something to do.
#
#   mesh-onboard-daily.sh SECRETS [TEXTFILES]
#
# SECRETS    a file for --secrets, which this account alone can read
# TEXTFILES  the folder of the node exporter's textfile collector, to leave metrics in
#
# Exit code: of the validation, or else of status: 3 when something expires or was refused, 4 when MESH could not be
# reached, 1 or 2 when it could not be found out.
set -u

secrets=${1:?name the file of secrets}
textfiles=${2:-}

# The whole result, if it is not well: check says by itself only what is not.
mesh-onboard --no-input --quiet check --all --secrets "$secrets"
checked=$?

report=$(mesh-onboard --no-input --quiet status --within 90d 2>&1)
looked=$?
[ "$looked" -eq 0 ] || printf '%s\n' "$report"

if [ -n "$textfiles" ]; then
    # The node exporter reads *.prom: written under another name first, it never sees half a file.
    new=$textfiles/mesh-onboard.prom.$$
    trap 'rm -f "$new"' EXIT
    (umask 022 && mesh-onboard --no-input --quiet status --prometheus >"$new" 2>/dev/null)
    # 3 says that something expires, and 1 that not everything could be read; the metrics tell of both.
    [ -s "$new" ] && mv "$new" "$textfiles/mesh-onboard.prom"
fi

[ "$checked" -ne 0 ] && exit "$checked"
exit "$looked"
