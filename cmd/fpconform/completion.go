package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newCompletion(s *streams) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands in a shell",
		Long: `Print a script that completes commands, flags and ids in a shell.

For one session:

  bash        source <(fpconform completion bash)
  zsh         source <(fpconform completion zsh)
  fish        fpconform completion fish | source
  powershell  fpconform completion powershell | Out-String | Invoke-Expression

Bash needs the package bash-completion.`,
		DisableFlagsInUseLine: true,
		ValidArgs:             shells,
		Args:                  oneArg("shell"),
		RunE: func(c *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return c.Root().GenBashCompletionV2(s.out, true)
			case "zsh":
				return c.Root().GenZshCompletion(s.out)
			case "fish":
				return c.Root().GenFishCompletion(s.out, true)
			case "powershell":
				return c.Root().GenPowerShellCompletionWithDesc(s.out)
			}
			return fmt.Errorf("no completion for shell %s%s: bash, zsh, fish, powershell", quote(args[0]), meant(args[0], shells))
		},
	}
}
