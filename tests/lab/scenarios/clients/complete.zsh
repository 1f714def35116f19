# SPDX-License-Identifier: Apache-2.0
# complete.zsh LINE WORD [LINE WORD]…: what zsh shows after each line and the tabulator, as soon as the word is in it.
zmodload zsh/zpty
zpty shell "zsh -f -i"

await() {
    local text part
    repeat 400; do
        zpty -r -t shell part && text+=$part
        [[ $text == *$1* ]] && { print -r -- $text; return 0 }
        sleep 0.05
    done
    print -r -- "no $1 in: $text"
    return 1
}

# What completion itself is made of: looking through the functions for a thousand other programs takes its time.
zpty -w shell 'PS1= RPS1= TERM=dumb; stty -echo; fpath=(/tmp/functions ${(M)fpath:#*/Completion(|/Base|/Zsh)} ${(M)fpath:#*/Misc});
    autoload -Uz compinit; compinit -u -D; print rea""dy'
await ready >/dev/null
for line word; do
    zpty -w -n shell $'\C-u'"$line"$'\t'
    await "$word"
done
