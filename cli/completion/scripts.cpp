// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/scripts.h"

namespace xfrmd::cli::completion {

namespace {

// bash splits words at colons and equals signs, too; the whole word goes to xfrmctl, and what
// stands before the last of these signs is taken off the answers again.
constexpr std::string_view kBash = R"sh(# bash completion for xfrmctl
_xfrmctl() {
    local line word before words
    COMPREPLY=()
    read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
    [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=('')
    word=${words[${#words[@]} - 1]}
    before=
    [[ $word == *[:=]* ]] && before=${word%"${word##*[:=]}"}
    while IFS= read -r line; do
        case $line in
        :files) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${word#"$before"}") ;;
        :folders) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${word#"$before"}") ;;
        *) line=${line%%$'\t'*}; COMPREPLY+=("${line#"$before"}") ;;
        esac
    done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _xfrmctl xfrmctl
)sh";

constexpr std::string_view kZsh = R"sh(#compdef xfrmctl
_xfrmctl() {
    local line tab=$'\t'
    local -a found
    for line in "${(@f)$($words[1] __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
        '') ;;
        :files) _files ;;
        :folders) _files -/ ;;
        *$tab) found+=("${${line%%$tab*}//:/\\:}") ;;
        *) found+=("${${line%%$tab*}//:/\\:}:${line#*$tab}") ;;
        esac
    done
    (( $#found )) && _describe -V xfrmctl found
}
if [[ ${funcstack[1]} == _xfrmctl ]]; then
    _xfrmctl "$@"
else
    compdef _xfrmctl xfrmctl
fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for xfrmctl
function __xfrmctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test -n "$current"; or set current ''
    for line in ($words[1] __complete $words[2..] $current 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $current
            case :folders
                __fish_complete_directories $current ''
            case '*'
                echo $line
        end
    end
end
complete --command xfrmctl --no-files --keep-order --arguments '(__xfrmctl_complete)'
)sh";

}  // namespace

const std::array<ScriptRow, 3> kScripts{{{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}}};

}  // namespace xfrmd::cli::completion
