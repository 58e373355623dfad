#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Findings in SARIF, judged by the schema of SARIF 2.1.0.
set -eu

dir=$1
here=$(cd "$(dirname "$0")/sarif" && pwd)
if ! command -v node >/dev/null || [ ! -d "$here/node_modules/ajv" ]; then
    echo 'skipped: no SARIF schema; bootstrap.sh installs it where npm and the network are'
    exit 77
fi
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
export SOURCE_DATE_EPOCH=1795305600 # 2026-11-22

# lint LOG STATUS RESULTS ARGUMENT...: a log of that many results, valid by the schema
lint() {
    log=$1
    wanted=$2
    results=$3
    shift 3
    status=0
    "$VIOFORGE" inf lint --quiet --sarif "$log" "$@" >out 2>err || status=$?
    if [ $status -ne "$wanted" ]; then
        echo "$log: lint ended with $status, not $wanted: $(cat err)"
        exit 1
    fi
    node "$here/validate.js" "$log"
    found=$(node -p "JSON.parse(fs.readFileSync('$log', 'utf8')).runs[0].results.length")
    if [ "$found" -lt "$results" ] || { [ "$results" -eq 0 ] && [ "$found" -ne 0 ]; }; then
        echo "$log: $found results, at least $results expected"
        exit 1
    fi
}

# is LOG EXPRESSION: a condition on the log's one run holds
is() {
    if [ "$(node -p "const run = JSON.parse(fs.readFileSync('$1', 'utf8')).runs[0]; $2")" != true ]
    then
        echo "$1: not so: $2"
        exit 1
    fi
}

"$VIOFORGE" inf stamp --quiet --crlf --for w11/amd64 --driver-version 1.2.3.4 -o good.inf \
    "$SOURCE/inf/templates/viorng.inf.in"
lint none.sarif 0 0 good.inf
is none.sarif 'run.invocations[0].executionSuccessful'

# both levels, many rules, text beyond ASCII
sed 's/$/\r/' >broken.inf <<'TEXT'
/* text before
[Version]
Signature="$CHICAGO$"
Class=System
ClassGuid={4d36e972-e325-11ce-bfc1-08002be10318}
Provider=%Gr\344\337er%
CatalogFile=sub\name.cat
[Manufacturer]
%None%=Models,NTamd64,NTmips
[Models.NTamd64]
X=Install,ID
X=Absent,ID
[Install]
CopyFiles=@absent.sys,Nowhere
RegisterDlls=x
[Install]
[Unused]
TEXT
sed -i "s/Gr.*er%/$(printf 'Gr\344\337er%%')/" broken.inf
lint many.sarif 1 15 broken.inf
is many.sarif 'new Set(run.results.map(r => r.level)).size === 2'
is many.sarif 'run.results.some(r => /Gr\u00e4\u00dfer/.test(r.message.text))'

# what a baseline accepts is suppressed; what came later is not
"$VIOFORGE" inf lint --quiet --write-baseline known broken.inf >out
lint accepted.sarif 0 15 --baseline known broken.inf
is accepted.sarif 'run.results.every(r => r.suppressions.length === 1)'
printf '[Later]\r\n' >>broken.inf
lint later.sarif 0 16 --baseline known broken.inf
is later.sarif 'run.results.filter(r => r.suppressions.length === 0).length === 1'

# names that no URI may hold as they are, one of them no UTF-8 either
odd=$(printf 'odd #1 100%% \344 \303\244 [x] \\ "q".inf')
cp broken.inf "$odd"
mkdir 'a folder'
cp broken.inf 'a folder/c:d.inf'
lint names.sarif 1 30 "$odd" 'a folder/c:d.inf'
is names.sarif "decodeURIComponent(run.results.at(-1).locations[0].physicalLocation.artifactLocation.uri) === 'a folder/c:d.inf'"
"$VIOFORGE" inf lint --json "$odd" >names.json || true
node -e 'JSON.parse(fs.readFileSync("names.json", "utf8")).files[0].findings.length > 14 || process.exit(1)'

# what cannot be read as an INF is a finding, what cannot be read at all a notification
printf '[Version]\nkey\000\n' >nul.inf
printf '\376\377\000[' >big.inf
lint malformed.sarif 3 2 nul.inf big.inf
is malformed.sarif "run.results.every(r => r.ruleId === '1002')"
is malformed.sarif 'run.results[0].locations[0].physicalLocation.region.startColumn === 4'
lint unread.sarif 4 0 absent.inf
is unread.sarif '!run.invocations[0].executionSuccessful'
is unread.sarif 'run.invocations[0].toolExecutionNotifications.length === 1'
echo 'all logs are valid'
