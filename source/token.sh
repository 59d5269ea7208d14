#!/bin/sh
# The credential plugin that kubeconfigs name. It prints a cached token by itself, without starting Node, when everything
# about the call and the cache is as this program left it; every doubt is for Node to settle (docs/decisions/0020).
# Nothing that is read here is ever evaluated. Every sh has -O and -nt, though POSIX has only lately:
# shellcheck shell=dash
set -uf
IFS=' '
nl='
'

# Where source/system/paths.ts looks; fails where only Node can tell.
find_folders() {
  config='' state=''
  case ${HOME-} in
    /*)
      config=$HOME/.config/dkp-auth
      state=$HOME/.local/state/dkp-auth
      ;;
  esac
  case ${XDG_CONFIG_HOME-} in /*) config=$XDG_CONFIG_HOME/dkp-auth ;; esac
  case ${XDG_STATE_HOME-} in /*) state=$XDG_STATE_HOME/dkp-auth ;; esac
  case ${DKP_AUTH_CONFIG_DIR-} in /*) config=$DKP_AUTH_CONFIG_DIR ;; esac
  case ${DKP_AUTH_STATE_DIR-} in /*) state=$DKP_AUTH_STATE_DIR ;; esac
  [ -n "$config" ] && [ -n "$state" ]
}

# Whether it is a whole number that every shell can count with, and takes for a decimal one.
is_number() {
  case $1 in
    '' | *[!0123456789]* | 0?* | ????????????*) return 1 ;;
  esac
}

# Ends the script if the token was served, and returns on any doubt. `over` says that nothing is wrong but that the token
# is over, and that another one can be had without the person.
serve() {
  over=no
  [ $# -eq 2 ] && [ "$1" = --profile ] || return
  name=$2
  case $name in
    '' | *[!abcdefghijklmnopqrstuvwxyz0123456789._-]* | [._-]* | *[._-]) return ;;
  esac

  # What client-go writes, letter for letter; what is left over is the cluster that it means.
  api=client.authentication.k8s.io/v1
  caller=${KUBERNETES_EXEC_INFO-}
  case $caller in
    '{"kind":"ExecCredential","apiVersion":"'"$api"'","spec":{"cluster":{'*) ;;
    '{"kind":"ExecCredential","apiVersion":"'"$api"'beta1","spec":{"cluster":{'*) api=${api}beta1 ;;
    *) return ;;
  esac
  caller=${caller#*',"spec":{"cluster":'}
  caller=${caller%"$nl"}
  case $caller in
    *"$nl"*) return ;;
    *'},"interactive":true}}') caller=${caller%',"interactive":true}}'} ;;
    *'},"interactive":false}}') caller=${caller%',"interactive":false}}'} ;;
    *) return ;;
  esac

  # A profile that was changed after its token was stored is for Node to compare with it.
  profile=$config/profiles/$name.json
  cache=$state/credentials/$name.json
  [ -f "$profile" ] && [ ! "$profile" -nt "$cache" ] || return
  [ -f "$cache" ] && [ ! -L "$cache" ] && [ -O "$cache" ] || return

  spellings=$state/callers/$name.clusters
  [ -f "$spellings" ] || spellings=
  found=$(
    exec 2>/dev/null
    # The system's own before any other, and in the language that needs no dictionary.
    PATH=/bin:/usr/bin:${PATH-} LC_ALL=C TZ=UTC0
    export PATH LC_ALL TZ
    date +%s
    # Nobody else's to read or write, and known by one name only.
    find "$cache" -type f -perm 600 -links 1
    # One after the other, and no process more than these three: that is quicker than pipes, and on a busy machine by far.
    exec cat "$cache" ${spellings:+"$spellings"}
  )

  # Lines 3 to 11 are those of formatCredential (source/credentials/credential-file.ts). What follows are the bound cluster
  # again and other ways to write it, which Node has found to mean the same (source/credentials/spellings.ts).
  count=0 frame='' known=no
  IFS=$nl
  for line in $found; do
    count=$((count + 1))
    case $count in
      1) now=$line ;;
      2) path=$line ;;
      3) head=$line ;;
      4) from=$line ;;
      6) due=$line ;;
      5 | 7 | 9) frame=$frame$line ;;
      8) answer=$line ;;
      10) bound=$line ;;
      11) frame=$frame$line ;;
      12) again=$line ;;
      *) [ "$line" = "$caller" ] && known=yes ;;
    esac
  done
  IFS=' '
  [ "$count" -eq 11 ] || { [ "$count" -ge 11 ] && [ -n "$spellings" ]; } || return
  [ "$path" = "$cache" ] && [ "$frame" = ',],,"cluster":}' ] || return
  case $head in
    '{"version":1,"profile":"'"$name"'",'*',"freshBetween":[') ;;
    *) return ;;
  esac
  is_number "$now" && is_number "$from" && is_number "$due" || return
  [ "$now" -ge "$from" ] || return
  if [ "$now" -ge "$due" ]; then
    # One that is only due is Node's: it serves it, and has it renewed meanwhile.
    expires=${head##*,\"expiresAt\":}
    expires=${expires%',"renewable":true,"freshBetween":['}
    is_number "$expires" && [ $((expires - now)) -le 30 ] || return
  fi
  # Damaged, it may hold anything; what is printed may not.
  case $answer in
    *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\":,._-]*) return ;;
  esac
  token=${answer#'"expirationTimestamp":"'????-??-??T??:??:??'Z","token":"'}
  case $token in
    "$answer" | *\"*\"* | *\\*) return ;;
    *.*.*\") ;;
    *) return ;;
  esac
  case $bound in
    "$caller") ;;
    *) [ $known = yes ] && [ "$again" = "$bound" ] || return ;;
  esac
  if [ "$now" -ge "$due" ]; then
    over=yes
    return
  fi

  # Asked again by the same process within seconds: the server may have refused the token (source/credentials/callers.ts).
  trace=$state/callers/$name.$((PPID % 64))
  if [ -f "$trace" ] && [ -r "$trace" ]; then
    parent='' second=''
    read -r parent second <"$trace"
    if [ "$parent" = "$PPID" ]; then
      is_number "$second" && [ $((now - second)) -ge 10 ] || return
    fi
  fi
  umask 077
  # Written over, always as long: a file that is emptied first is flushed to the disk when it is closed.
  { printf '%10s %11s\n' "$PPID" "$now" 1<>"$trace"; } 2>/dev/null
  printf '{"apiVersion":"%s","kind":"ExecCredential","status":{%s}}\n' "$api" "$answer"
  exit
}

over=no
find_folders && serve "$@"

# Whether somebody who is still there has gone to Node for this token within the last seconds.
is_held() {
  holder='' since=''
  [ -f "$door" ] && [ -r "$door" ] && read -r holder since <"$door"
  is_number "$holder" && is_number "$since" || return
  [ $((now - since)) -ge 0 ] && [ $((now - since)) -lt 10 ] || return
  [ "$holder" -gt 1 ] && [ "$holder" -ne $$ ] && kill -0 "$holder" 2>/dev/null
}

# For a tenth of a second, where sleep knows of such.
nap() {
  if LC_ALL=C command -p sleep 0.1 2>/dev/null; then
    naps=$((naps + 1))
  else
    command -p sleep 1
    naps=$((naps + 10))
  fi
}

# Of all callers that find a token over one goes to Node, and the others wait for what it brings: a hundred Nodes would take
# longer to start than any issuer to answer (docs/decisions/0028). Ends the script if the token was served; who comes back
# goes to Node.
serve_what_another_gets() {
  [ -z "${DKP_AUTH_TOKEN_CALL-}" ] || return
  door=$state/callers/$name.door naps=0 turns=0
  while is_held; do
    # A second time only when the first one was killed: Node takes the door away when it has done what it can.
    [ "$turns" -lt 2 ] || return
    turns=$((turns + 1)) awaited=$holder
    while is_held && [ "$holder" = "$awaited" ]; do
      [ "$naps" -lt 100 ] || return
      nap
    done
    serve "$@"
    [ "$over" = yes ] && [ -f "$door" ] || return
  done
  umask 077
  { printf '%10s %11s\n' "$$" "$now" 1<>"$door"; } 2>/dev/null
}

[ "$over" = no ] || serve_what_another_gets "$@"

self=$0
case $self in
  */*) ;;
  *) self=./$self ;;
esac
while [ -L "$self" ]; do
  target=$(readlink "$self") || break
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
here=$(CDPATH='' cd -- "${self%/*}/" && pwd -P) || exit 1

# The program as one executable, with Node in it.
if [ ! -f "$here/cli.js" ] && [ -x "$here/dkp-auth" ]; then
  exec "$here/dkp-auth" token "$@"
fi

# kubectl and desktop tools may start this with a PATH that has no Node, or an old one; so the Node that ran the last
# login is remembered, and tried first.
node=node
if [ -n "$state" ] && [ -f "$state/node" ] && [ -O "$state/node" ]; then
  IFS= read -r remembered <"$state/node" || remembered=
  [ -x "$remembered" ] && node=$remembered
fi
if ! command -v "$node" >/dev/null; then
  echo "dkp-auth: Node.js is neither where the last login found it nor on this program's PATH." >&2
  echo "Install Node.js 22 or newer, or run dkp-auth login again." >&2
  exit 1
fi
exec "$node" "$here/cli.js" token "$@"
