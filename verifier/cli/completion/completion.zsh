#compdef verify
# Completion of `verify` for zsh, of release @RELEASE@: a file called _verify in a folder of $fpath, or
# eval "$(verify completion zsh)" behind compinit. Names of rules and scopes are asked of `verify`; all else is below.

_verify_table() {
    commands=() options=() values=() valued='' files='' rules='' scopes='' places=''
    case $1 in
@TABLE@
    esac
}

_verify_names() { # KIND: what `verify` knows by name; a name of other letters is passed over
    local -a names
    names=(${(f)"$(command verify --complete "$1" "${(Q)typed}" "${(@)line}" 2>/dev/null </dev/null)"})
    names=(${names:#*[^A-Za-z0-9._/:@+-]*})
    compadd -a names
}

_verify_value() { # KIND: the value of an option, or an argument
    case $1 in
        (rule|scope|code) _verify_names $1 ;;
        (words) compadd -a values ;;
        (file) _files ;;
    esac
}

_verify_of() { # FLAG: sets `kind` to what it takes
    kind=''
    [[ " $valued " == *" $1 "* ]] || return 0
    kind=text
    [[ " $files " == *" $1 "* ]] && kind=file
    [[ " $rules " == *" $1 "* ]] && kind=rule
    [[ " $scopes " == *" $1 "* ]] && kind=scope
    (( $#values )) && kind=words
    return 0
}

_verify() {
    local path_='' flag='' kind='' helping='' typed=${words[CURRENT]} word valued files rules scopes places
    local -a commands options values line kinds
    local -i place=0
    line=("${(@)words[2,CURRENT-1]}")
    _verify_table ''
    for word in "${(@)line}"; do
        if [[ -n $flag ]]; then
            flag=''
        elif [[ $word == -*=* ]]; then
            :
        elif [[ $word == -* ]]; then
            [[ " $valued " == *" $word "* ]] && flag=$word
        elif [[ -z $path_$helping && $word == help ]]; then
            helping=1
        elif (( place == 0 )) && [[ -n ${(M)commands:#${(b)word}:*} ]]; then
            path_=${path_:+$path_ }$word
            _verify_table $path_
        else
            (( place += 1 ))
        fi
    done
    if [[ -n $flag ]]; then
        _verify_table $path_ $flag
        _verify_of $flag
        _verify_value $kind
    elif [[ $typed == --*=* ]]; then
        flag=${typed%%=*} typed=${typed#*=}
        compset -P '*='
        _verify_table $path_ $flag
        _verify_of $flag
        _verify_value $kind
    elif [[ $typed == -* ]]; then
        _describe -o -t options option options
    elif [[ -n $helping ]]; then
        _describe -t commands command commands
    else
        (( place == 0 && $#commands )) && _describe -t commands command commands
        kinds=(${=places})
        if (( $#kinds )); then
            (( place >= $#kinds )) && (( place = $#kinds - 1 ))
            _verify_value $kinds[place+1]
        fi
    fi
}

if [[ $funcstack[1] == _verify ]]; then
    _verify "$@"
else
    compdef _verify verify
fi
