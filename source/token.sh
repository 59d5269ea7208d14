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

# Whether the caller means this cluster.
means() {
  [ "$caller" = "$before$1,\"interactive\":false}}" ] || [ "$caller" = "$before$1,\"interactive\":true}}" ]
}

# For a subshell: the system's own before any other, and in the language that needs no dictionary.
use_system_programs() {
  exec 2>/dev/null
  PATH=/bin:/usr/bin:${PATH-} LC_ALL=C TZ=UTC0
  export PATH LC_ALL TZ
}

# Whether find knows for sure that a file was written within the last minutes (-mmin -N), or before them (-mmin +N).
was_written() {
  [ -n "$(use_system_programs && find "$@")" ]
}

# Of a token that is due. It is good for a while, and Node would hand it out and have it renewed: here too where Node has
# begun that within the last minute. `over` says that it is not, and that another one can be had without the person.
is_worth_serving() {
  over=no
  expires=${head##*,\"expiresAt\":}
  expires=${expires%',"renewable":true,"freshBetween":['}
  is_number "$expires" || return
  if [ $((expires - now)) -le 30 ]; then
    over=yes
    return 1
  fi
  was_written "$state/flights/$name.started" -mmin -1
}

# Whether somebody who is still there has gone to Node for this token.
is_held() {
  holder='' since=''
  [ -f "$door" ] && [ -r "$door" ] && read -r holder since <"$door"
  is_number "$holder" && is_number "$since" || return
  [ "$holder" -gt 1 ] && [ "$holder" -ne $$ ] && kill -0 "$holder" 2>/dev/null
}

# Whether that was within the last seconds.
is_held_lately() {
  is_held && [ $((now - since)) -ge 0 ] && [ $((now - since)) -lt 10 ]
}

# Of all callers that find a token over one goes to Node, and the others wait for what it brings: a hundred Nodes would take
# longer to start than any issuer to answer (docs/decisions/0028). Succeeds when there is something to look at anew.
wait_at_the_door() {
  [ -n "$callers" ] && [ -z "${DKP_AUTH_TOKEN_CALL-}" ] || return
  # Node takes the door away when it has done what it can: where it is gone and the token is over still, it got none.
  [ "$turns" -eq 0 ] || [ -f "$door" ] || return
  if ! is_held_lately; then
    umask 077
    { printf '%10s %11s\n' "$$" "$now" 1<>"$door"; } 2>/dev/null
    return 1
  fi
  # A second time only when the first one was killed.
  turns=$((turns + 1)) awaited=$holder
  [ "$turns" -le 2 ] || return
  while is_held_lately && [ "$holder" = "$awaited" ]; do
    [ "$naps" -lt 50 ] || return
    nap
  done
}

# For a fifth of a second, where sleep knows of such. A hundred that look more often keep a small machine busy with that.
nap() {
  if LC_ALL=C command -p sleep 0.2 2>/dev/null; then
    naps=$((naps + 1))
  else
    command -p sleep 1
    naps=$((naps + 5))
  fi
}

name='' turns=0 naps=0
if find_folders && [ $# -eq 2 ] && [ "$1" = --profile ]; then
  name=$2
fi
case $name in
  *[!abcdefghijklmnopqrstuvwxyz0123456789._-]* | [._-]* | *[._-]) name= ;;
esac

# Whoever is served ends here, and any doubt ends the loop; it goes round again only for those that have waited. A function
# would be copied as a whole before it is run, which takes longer than most of what it does.
while [ -n "$name" ]; do
  # What client-go writes, letter for letter: this, the cluster that it means, and whether the person is there.
  caller=${KUBERNETES_EXEC_INFO-}
  caller=${caller%"$nl"}
  api=client.authentication.k8s.io/v1
  before='{"kind":"ExecCredential","apiVersion":"'$api'","spec":{"cluster":'
  case $caller in
    "$before"*) ;;
    *)
      api=${api}beta1
      before='{"kind":"ExecCredential","apiVersion":"'$api'","spec":{"cluster":'
      ;;
  esac

  # A profile that was changed after its token was stored is for Node to compare with it.
  profile=$config/profiles/$name.json
  cache=$state/credentials/$name.json
  [ -f "$profile" ] || break
  [ ! "$profile" -nt "$cache" ] || break
  [ -f "$cache" ] || break
  [ ! -L "$cache" ] || break
  [ -O "$cache" ] || break
  [ -O "$state" ] || break
  [ -O "$state/credentials" ] || break

  callers=$state/callers spellings='' mark='' marked=''
  if [ -d "$callers" ] && [ -O "$callers" ]; then
    [ ! -f "$callers/$name.clusters" ] || spellings=$callers/$name.clusters
    [ ! -f "$callers/$name.due" ] || mark=$callers/$name.due
    [ -z "$mark" ] || [ ! -r "$mark" ] || read -r marked <"$mark"
  else
    callers=
  fi
  # Somebody has found this token over and is starting Node: the machine is theirs for a moment.
  door=$callers/$name.door
  if [ -n "$callers" ] && [ "$naps" -eq 0 ] && [ "$door" -nt "$cache" ] && is_held; then
    nap
    continue
  fi
  # Some shells remark on the zeros of an archive, which all but one leave out.
  { found=$(
    use_system_programs
    # Linux makes what /proc shows of a process when it is looked at first, and this one has only begun: that is the time
    # now. A mark is as old as its token will be when that is due (source/credentials/due-mark.ts), and says of which it is.
    if [ -n "$marked" ] && [ /proc/self/ -nt "$cache" ] && [ "$mark" -nt /proc/self/ ] &&
      [ -z "${ZSH_VERSION-}" ] && cd "$state"; then
      unset TAR_OPTIONS
      echo "not due: $marked${nl}archive"
      # One program that tells modes and text: an archive has both, the folders' modes first. A second name of the file is
      # remarked on at the end. Where there is a mark, this is GNU's.
      exec tar --create --file=- --format=gnu --blocking-factor=1 --no-recursion --dereference --check-links \
        --numeric-owner --owner=0 --group=0 ./ credentials callers "credentials/$name.json" \
        ${spellings:+"callers/$name.clusters"} 2>&1
    fi
    date +%s || exit
    # Nobody else's to read or write, and known by one name only; and a word on each folder that others may write to.
    find -H "$cache" "$state" "$state/credentials" ${callers:+"$callers"} -prune \
      \( -type f -perm 600 -links 1 -o -type d \( -perm -20 -o -perm -2 \) \)
    # One after the other, and no process more than these: that is quicker than pipes, and on a busy machine by far.
    exec cat "$cache" ${spellings:+"$spellings"}
  ); } 2>/dev/null

  # The third to the eleventh line are those of formatCredential (source/credentials/credential-file.ts). What follows are
  # the bound cluster again and other ways to write it, which Node has found to mean the same (source/credentials/spellings.ts).
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
      12) again=${line##*ustar  } ;;
      *) means "$line" && known=yes ;;
    esac
  done
  IFS=' '
  [ "$count" -eq 11 ] || { [ "$count" -ge 11 ] && [ -n "$spellings" ] && [ "${line#tar: }" = "$line" ]; } || break
  if [ "$now$nl$path" = "not due: $marked${nl}archive" ]; then
    # What stands before the text: of each its name and mode at once, then other numbers, a letter for its kind, and "ustar".
    header=${head%%' 0ustar  '*}
    head=${head#"$header 0ustar  "}
    safe='[01234567][01234567][0145][0145]'
    case $header in
      ./000$safe*' 5ustar  credentials/000'$safe*' 5ustar  callers/000'$safe*" 5ustar  credentials/$name.json0000600"*) ;;
      *) break ;;
    esac
  else
    [ "$path" = "$cache" ] || break
  fi
  [ "$frame" = ',],,"cluster":}' ] || break
  case $head in
    '{"version":1,"profile":"'"$name"'",'*',"freshBetween":[') ;;
    *) break ;;
  esac
  # Damaged, it may hold anything; what is printed may not.
  case $answer in
    *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\":,._-]*) break ;;
  esac
  token=${answer#'"expirationTimestamp":"'????-??-??T??:??:??'Z","token":"'}
  case $token in
    "$answer" | *\"*\"* | *[\\:,]*) break ;;
    *.*.*\") ;;
    *) break ;;
  esac
  case $bound in '{'*) ;; *) break ;; esac
  means "$bound" || { [ $known = yes ] && [ "$again" = "$bound" ]; } || break
  is_number "$from" || break
  is_number "$due" || break
  if [ "$now" != "not due: $from $due" ]; then
    # A mark of another token tells nothing.
    case $now in 'not due: '*) now=$(use_system_programs && date +%s) ;; esac
    is_number "$now" || break
    [ "$now" -ge "$from" ] || break
    if [ "$now" -ge "$due" ] && ! is_worth_serving; then
      [ "$over" = yes ] || break
      wait_at_the_door || break
      continue
    fi
  fi

  # Asked again by the same process within seconds: the server may have refused the token (source/credentials/callers.ts).
  trace=$callers/$name.$((PPID % 64))
  if [ -n "$callers" ] && [ -f "$trace" ] && [ -r "$trace" ]; then
    parent=''
    read -r parent <"$trace"
    [ "$parent" != "$PPID" ] || was_written "$trace" -mmin +1 || break
  fi
  umask 077
  # Written over, always as long: a file that is emptied first is flushed to the disk when it is closed.
  [ -z "$callers" ] || { printf '%10s\n' "$PPID" 1<>"$trace"; } 2>/dev/null
  printf '{"apiVersion":"%s","kind":"ExecCredential","status":{%s}}\n' "$api" "$answer"
  exit
done

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
# login is remembered, and tried first. Nobody else may say which that is: neither the file nor its folder.
is_ours_alone() {
  [ -f "$state/node" ] && [ ! -L "$state/node" ] && [ -O "$state/node" ] && [ -O "$state" ] || return
  alone=$(use_system_programs && find -H "$state" "$state/node" -prune ! -perm -20 ! -perm -2)
  [ "$alone" = "$state$nl$state/node" ]
}
node=node
if [ -n "$state" ] && is_ours_alone; then
  IFS= read -r remembered <"$state/node" || remembered=
  case $remembered in /*) [ -x "$remembered" ] && node=$remembered ;; esac
fi
if ! command -v "$node" >/dev/null; then
  echo "dkp-auth: Node.js is neither where the last login found it nor on this program's PATH." >&2
  echo "Install Node.js 22 or newer, or run dkp-auth login again." >&2
  exit 1
fi
exec "$node" "$here/cli.js" token "$@"
