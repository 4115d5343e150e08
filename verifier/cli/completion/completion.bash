# Completion of `verify` for bash, of release @RELEASE@: eval "$(verify completion bash)", or as a file in
# ~/.local/share/bash-completion/completions/verify. Names of rules and scopes are asked of `verify`; all else is below.

_verify_table() {
    commands='' options='' valued='' files='' rules='' scopes='' values='' places=''
    case $1 in
@TABLE@
    esac
}

_verify_words() { # CANDIDATE...: those that go on with what is typed
    local word
    for word; do
        if [[ $word == "$typed"* ]]; then COMPREPLY+=("$before$word"); fi
    done
}

_verify_names() { # KIND: what `verify` knows by name; a name of other letters is passed over
    local name
    while IFS= read -r name; do
        [[ $name == *[!A-Za-z0-9._/:@+-]* ]] || _verify_words "$name"
    done < <(command verify --complete "$1" "$typed" "${line[@]:1}" 2>/dev/null </dev/null)
}

_verify_value() { # KIND: the value of an option, or an argument
    case $1 in
        rule | scope | code) _verify_names "$1" ;;
        words) _verify_words $values ;;
        file) if [[ -n $before ]]; then compopt -o filenames 2>/dev/null; fi ;;
    esac
}

_verify_of() { # FLAG: sets `kind` to what it takes, "" where it takes nothing
    kind=''
    [[ " $valued " == *" $1 "* ]] || return 0
    kind=text
    if [[ " $files " == *" $1 "* ]]; then kind=file; fi
    if [[ " $rules " == *" $1 "* ]]; then kind=rule; fi
    if [[ " $scopes " == *" $1 "* ]]; then kind=scope; fi
    if [[ -n $values ]]; then kind=words; fi
}

_verify() {
    local IFS=$' \t\n' text=${COMP_LINE:0:COMP_POINT} path='' flag='' kind='' before='' typed='' cut='' helping='' word
    local commands options valued files rules scopes values places
    local -i place=0
    local -a line=()
    COMPREPLY=()
    IFS=$' \t\n' read -r -d '' -a line <<<"$text" || true
    while [[ ${#line[@]} -gt 0 && ${line[0]} != "$1" ]]; do line=("${line[@]:1}"); done
    if [[ $text == *[[:space:]] ]]; then line+=(''); fi
    if [[ ${#line[@]} -lt 2 ]]; then return; fi
    # As bash 3.2 has it, which macOS comes with.
    typed=${line[${#line[@]} - 1]}
    unset "line[${#line[@]} - 1]"
    _verify_table ''
    for word in "${line[@]:1}"; do
        if [[ -n $flag ]]; then
            flag=''
        elif [[ $word == -*=* ]]; then
            :
        elif [[ $word == -* ]]; then
            if [[ " $valued " == *" $word "* ]]; then flag=$word; fi
        elif [[ -z $path$helping && $word == help ]]; then
            helping=1
        elif [[ $place -eq 0 && " $commands " == *" $word "* ]]; then
            path=${path:+$path }$word
            _verify_table "$path"
        else
            place+=1
        fi
    done
    cut=${typed%"${typed##*[:=@]}"}
    if [[ -n $flag ]]; then
        _verify_table "$path" "$flag"
        _verify_of "$flag"
        _verify_value "$kind"
    elif [[ $typed == --*=* ]]; then
        before=${typed%%=*}=
        flag=${typed%%=*} typed=${typed#*=}
        _verify_table "$path" "$flag"
        _verify_of "$flag"
        _verify_value "$kind"
    elif [[ $typed == -* ]]; then
        _verify_words $options
    elif [[ -n $helping ]]; then
        _verify_words $commands
    else
        if [[ $place -eq 0 ]]; then _verify_words $commands; fi
        local -a kinds=($places)
        if [[ ${#kinds[@]} -gt 0 ]]; then
            if [[ $place -ge ${#kinds[@]} ]]; then place=${#kinds[@]}-1; fi
            _verify_value "${kinds[place]}"
        fi
    fi
    # bash takes what follows a colon, an equals sign or an at-sign for a word of its own.
    if [[ -n $cut && $COMP_WORDBREAKS == *"${cut: -1}"* ]]; then COMPREPLY=("${COMPREPLY[@]#"$cut"}"); fi
}
complete -o bashdefault -o default -F _verify verify
