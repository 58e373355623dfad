#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of the man pages, each line (.Dl) taken out of its page and run in a fresh folder
# that holds the files it names. A line that is not run stands below with the reason.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

declare -A met=() skipped=(
    ['vioforge completion bash > /etc/bash_completion.d/vioforge']='writes to /etc'
    ["vioforge sign --key 'pkcs11:token=ev;object=driver' --cert ev.pem --passphrase-fd 3 driver.cat 3< pin"]='needs a token; oracle.token has one'
)
# where findings, or differences, are what the example is about
declare -A finds=(
    ['vioforge iso diff virtio-win-0.1.271.iso virtio-win-0.1.285.iso']=1
    ['vioforge catalog diff vendor.cat ours.cat']=1
)

mkdir bin names && ln -s "$VIOFORGE" bin/vioforge
export PATH="$work/bin:$PATH"
packages=$BUILD/packages
signed=$packages/viostor/w11/amd64

# --- all that any example names
mkdir names/build
cp -r "$packages" "$BUILD/drivers" names/build/
cp "$BUILD/vioforge.iso" names/
(
    cd names || exit 1
    cp -r "$packages/viorng/w11/amd64" viorng
    cp -r "$signed" viostor
    mkdir drivers driver folder test
    cp viostor/viostor.inf viorng/viorng.inf drivers/
    for extension in inf sys cat; do cp "viostor/viostor.$extension" "driver/driver.$extension"; done
    sed -i 's/viostor\.cat/driver.cat/; s/viostor\.sys/driver.sys/' driver/driver.inf
    rm driver/driver.cat
    cp viostor/viostor.{inf,sys,cat} .
    cp "$BUILD/drivers/amd64/viostor.sys" driver.sys
    sed 's/viostor\.cat/my.cat/; s/viostor\.sys/my.sys/' viostor/viostor.inf >my.inf
    cp "$BUILD/drivers/amd64/viostor.sys" my.sys
    cp "$SOURCE/inf/templates/viorng.inf.in" .
    cp "$SOURCE/inf/templates/viorng.inf.in" "$BUILD/drivers/x86/viorng.sys" folder/
    cp viostor/viostor.cat vendor.cat
    cp viorng/viorng.cat ours.cat
    cp "$BUILD/keys/test.key" key.pem
    cp "$BUILD/keys/test.pem" cert.pem
    cp "$BUILD/keys/test.pem" microsoft-2010.pem
    cp "$BUILD/keys"/test.* test/
    echo secret >passphrase
    openssl pkcs12 -export -inkey key.pem -in cert.pem -passout file:passphrase -out vendor.p12
    (cd viostor && 7z a -tzip ../driver.zip . >/dev/null)
    mkdir tree && cp -r viorng tree/ && mkdir -p tree/{viostor,vioscsi}/w11
    cp -r viostor tree/viostor/w11/amd64
    cp -r viostor tree/vioscsi/w11/amd64
    vioforge iso create tree -o virtio-win.iso --label=ONE
    cp virtio-win.iso disc.iso
    cp virtio-win.iso virtio-win-0.1.271.iso
    rm -r tree/viorng
    vioforge iso create tree -o virtio-win-0.1.285.iso --label=TWO
    vioforge catalog create driver --os 10_X64,Server10_X64 2>/dev/null
    cp driver/driver.cat .
    vioforge sign --key key.pem --cert cert.pem driver/driver.cat
) >names.log 2>&1 || fail "the files could not be made: $(tail -n 5 names.log)"

# unready PAGE: take out of the folder what the page's examples make
unready() {
    case $1 in
    vioforge-catalog-create) rm -f viostor.cat viostor/viostor.cat ;;
    vioforge-inf-stamp) rm -f viorng.inf ;;
    vioforge-iso-create) rm -f disc.iso ;;
    vioforge-sign-test-cert) rm -rf test ;;
    esac
}

# run_line PAGE LINE COMMAND: run the command, made of a page's line, where the page's files are
run_line() {
    rm -rf run && cp -r names run
    (cd run && unready "$1" && bash -c "$3") >out 2>err </dev/null
    local got=$?
    [ "$got" -eq "${finds[$2]-0}" ] ||
        fail "$1(1): '$3' ended with $got: $(head -c 300 err) $(tail -n 5 out)"
}

count=0
for page in "$SOURCE"/man/*.1; do
    name=$(basename "$page" .1)
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/s/^\.Dl //p' "$page" | sed 's/\\-/-/g; s/\\e/\\/g' >lines
    [ -s lines ] || fail "$name(1) has no examples"
    verb=$(sed -n 's/^\.Cm //p' "$page" | head -n 1)
    while IFS= read -r line <&4; do
        if [ -n "${skipped[$line]-}" ]; then
            echo "not run: $line (${skipped[$line]})"
            met[$line]=1
            continue
        fi
        run_line "$name" "$line" "$line"
        count=$((count + 1))
        # and with --json: one document that names its schema
        case $line in
        *' > '* | 'vioforge completion'* | 'vioforge help'*) continue ;; # no document
        'vioforge inf edit'*) more='--output edited.inf' ;;
        "vioforge $verb "*) more= ;;
        *) continue ;;
        esac
        run_line "$name" "$line" "${line/#vioforge $verb/vioforge $verb --json $more}"
        if [ "$(head -c 1 out)" != '{' ] || ! grep -q '^  "schema": "vioforge\.[a-z.-]*"' out ||
            ! grep -q '^  "version": 1' out; then
            fail "$name(1): '$line' with --json printed: $(head -c 300 out)"
        fi
    done 4<lines
done
for line in "${!skipped[@]}"; do
    [ -n "${met[$line]-}" ] || fail "no page has this line any more: $line"
done
echo "$count examples run"
finish
