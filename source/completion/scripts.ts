export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/**
 * What each shell is given. All of them ask `dkp-auth __complete`, which prints a candidate to a line, its description behind a
 * tab; `:files` asks for file names.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  // For bash 3.2 too, which macOS has: no mapfile, no compopt.
  bash: `# bash completion for dkp-auth:  source <(dkp-auth completion bash)
_dkp_auth() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line=\${COMP_LINE:0:COMP_POINT} full prefix candidate
  # bash breaks words at : and =; what comes before the break stays on the line.
  case $cur in :|=) cur= ;; esac
  full=\${line##*[[:space:]]}
  prefix=\${full%"$cur"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [ "$candidate" = :files ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$cur")
    else
      candidate=\${candidate%%$'\\t'*}
      COMPREPLY+=("\${candidate#"$prefix"}")
    fi
  done < <(dkp-auth __complete --line -- "$line" 2>/dev/null)
}
complete -F _dkp_auth dkp-auth
`,
  zsh: `#compdef dkp-auth
# zsh completion for dkp-auth:  source <(dkp-auth completion zsh), after compinit
_dkp_auth() {
  local -a candidates
  local line value files=0
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=1; continue; fi
    value=\${line%%$'\\t'*}
    candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done < <(dkp-auth __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe -t dkp-auth dkp-auth candidates
  (( files )) && _files
}
compdef _dkp_auth dkp-auth
`,
  fish: `# fish completion for dkp-auth:  dkp-auth completion fish | source
function __dkp_auth_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  test -n "$current"; or set current ''
  for line in (dkp-auth __complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c dkp-auth -f -a '(__dkp_auth_complete)'
`,
  // PowerShell before 7.3 drops empty arguments, so the last word carries a dot.
  powershell: `# PowerShell completion for dkp-auth:  dkp-auth completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName dkp-auth -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -ne '' -and $words.Count -gt 0) {
    $words = @($words | Select-Object -SkipLast 1)
  }
  $words += "$wordToComplete."
  & dkp-auth __complete --dot -- @words 2>$null | ForEach-Object {
    $value, $about = $_ -split "\`t", 2
    if ($value -eq ':files') {
      Get-ChildItem -Path "$wordToComplete*" | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_.Name, $_.Name, 'ProviderItem', $_.FullName)
      }
    } else {
      if ([string]::IsNullOrEmpty($about)) { $about = $value }
      [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
  }
}
`,
};
