# Completion of `verify` for fish, of release @RELEASE@: verify completion fish | source, or as a file
# ~/.config/fish/completions/verify.fish. Names of rules and scopes are asked of `verify`; all else is below.

function __verify_table
    set -g __verify_commands
    set -g __verify_options
    set -g __verify_values
    set -g __verify_valued
    set -g __verify_files
    set -g __verify_rules
    set -g __verify_scopes
    set -g __verify_places
    switch "$argv[1]"
@TABLE@
    end
end

function __verify_names # KIND TYPED BEFORE LINE...: what `verify` knows by name; other letters are passed over
    command -q verify; or return
    for name in (command verify --complete $argv[1] $argv[2] $argv[4..-1] 2>/dev/null </dev/null)
        if string match -qr '^[A-Za-z0-9._/:@+-]+$' -- $name
            printf '%s\n' $argv[3]$name
        end
    end
end

function __verify_value # KIND TYPED BEFORE LINE...
    switch "$argv[1]"
        case rule scope code
            __verify_names $argv
        case words
            for value in $__verify_values
                printf '%s\n' $argv[3]$value
            end
        case file
            if test -n "$argv[3]"
                for path in (__fish_complete_path $argv[2])
                    printf '%s\n' $argv[3]$path
                end
            else
                __fish_complete_path $argv[2]
            end
    end
end

function __verify_of # FLAG: what it takes
    if not contains -- $argv[1] $__verify_valued
        return
    else if test (count $__verify_values) -gt 0
        echo words
    else if contains -- $argv[1] $__verify_files
        echo file
    else if contains -- $argv[1] $__verify_rules
        echo rule
    else if contains -- $argv[1] $__verify_scopes
        echo scope
    else
        echo text
    end
end

function __verify_complete
    set -l line (commandline -opc)[2..-1]
    set -l typed (commandline -ct)
    set -l path ''
    set -l flag ''
    set -l place 0
    set -l helping ''
    __verify_table ''
    for word in $line
        if test -n "$flag"
            set flag ''
        else if string match -q -- '-*=*' $word
            continue
        else if string match -q -- '-*' $word
            if contains -- $word $__verify_valued
                set flag $word
            end
        else if test -z "$path$helping" -a "$word" = help
            set helping 1
        else if test $place -eq 0; and contains -- $word (string split -f 1 \t -- $__verify_commands)
            set path (string trim -- "$path $word")
            __verify_table $path
        else
            set place (math $place + 1)
        end
    end
    if test -n "$flag"
        __verify_table $path $flag
        __verify_value (__verify_of $flag) "$typed" '' $line
    else if string match -q -- '--*=*' $typed
        set flag (string split -m 1 = -- $typed)[1]
        __verify_table $path $flag
        __verify_value (__verify_of $flag) (string split -m 1 = -- $typed)[2] $flag= $line
    else if string match -q -- '-*' $typed
        printf '%s\n' $__verify_options
    else if test -n "$helping"
        printf '%s\n' $__verify_commands
    else
        if test $place -eq 0
            printf '%s\n' $__verify_commands
        end
        set -l kinds (string split -n ' ' -- "$__verify_places")
        if test (count $kinds) -gt 0
            if test $place -ge (count $kinds)
                set place (math (count $kinds) - 1)
            end
            __verify_value $kinds[(math $place + 1)] "$typed" '' $line
        end
    end
end

complete -c verify -e
complete -c verify -f -a '(__verify_complete)'
