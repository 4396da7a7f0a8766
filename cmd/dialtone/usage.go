package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Everything that is wrong with a command line is said here, in one sentence: the flag
// or the argument, its value, and what to write instead.

// seeHelp is where a command tells what it wants.
func seeHelp(cmd *cobra.Command) string { return fmt.Sprintf("see `%s --help`", cmd.CommandPath()) }

// exactArgs wants exactly these arguments, by their names.
func exactArgs(names ...string) cobra.PositionalArgs {
	wanted := strings.Join(names, " and ")
	if len(names) == 0 {
		wanted = "no arguments"
	}
	return someArgs(wanted, func(n int) bool { return n == len(names) })
}

// someArgs wants as many arguments as fit, in words.
func someArgs(wanted string, fits func(n int) bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if fits(len(args)) {
			return nil
		}
		return wrongArgs(cmd, wanted, args)
	}
}

func wrongArgs(cmd *cobra.Command, wanted string, args []string) error {
	got := "nothing"
	if len(args) > 0 {
		got = fmt.Sprintf("%q", args)
		got = got[1 : len(got)-1]
	}
	return usageError(fmt.Sprintf("%s wants %s and got %s (%s)", cmd.CommandPath(), wanted, got, seeHelp(cmd)))
}

// unknownCommand says that a group of commands has none of this name.
func unknownCommand(cmd *cobra.Command, name string) error {
	text := fmt.Sprintf("unknown command %q: %s has none of this name", name, cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		text += ", did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError(text + " (" + seeHelp(cmd) + ")")
}

// flagError says what is wrong with one flag as it was written.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	var text string
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()[:1]
		}
		text = fmt.Sprintf("unknown flag %s: %s has none of this name", name, cmd.CommandPath())
	case errors.As(err, &empty):
		text = fmt.Sprintf("--%s has no value: write %s after it", empty.GetFlag().Name, valueText(empty.GetFlag(), "a text"))
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		text = fmt.Sprintf("--%s %q: write %s", f.Name, invalid.GetValue(), valueText(f, "what fits: "+errors.Unwrap(invalid).Error()))
	case errors.As(err, &syntax):
		text = fmt.Sprintf("flag %q: write it as --name or --name=value", syntax.GetSpecifiedFlag())
	default:
		text = err.Error()
	}
	return usageError(fmt.Sprintf("%s (%s)", text, seeHelp(cmd)))
}

// valueText is what values of the flag look like.
func valueText(f *pflag.Flag, other string) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "float64":
		return "a number such as 0.5"
	case "duration":
		return "a span of time such as 90s, 15m or 1h30m"
	case "bool":
		return "true or false, or the flag alone"
	}
	return other
}

// The annotations of a command that say what it wants of its flags: the word, and the
// names of the flags; the value is the fix.
const (
	apartKey = "apart"
	oneOfKey = "one of"
)

const keepOne = "give one of them"

// apart refuses these flags together; the fix says what to do for both.
func apart(cmd *cobra.Command, fix string, flags ...string) {
	cmd.MarkFlagsMutuallyExclusive(flags...) // for completion
	note(cmd, apartKey, fix, flags)
}

// oneOf wants one of these flags, and only one.
func oneOf(cmd *cobra.Command, flags ...string) {
	cmd.MarkFlagsOneRequired(flags...) // for completion
	note(cmd, oneOfKey, keepOne, flags)
	apart(cmd, keepOne, flags...)
}

func note(cmd *cobra.Command, key, fix string, flags []string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[key+" "+strings.Join(flags, " ")] = fix
}

// checkFlags refuses a command line without a flag that it needs, or with flags that do
// not go together. It comes before the same checks of the library, whose sentences name
// no fix.
func checkFlags(cmd *cobra.Command) error {
	var missing []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, required := f.Annotations[cobra.BashCompOneRequiredFlag]; required && !f.Changed {
			missing = append(missing, fmt.Sprintf("--%s (%s)", f.Name, f.Usage))
		}
	})
	switch len(missing) {
	case 0:
	case 1:
		return usageError(fmt.Sprintf("%s is missing: add it (%s)", missing[0], seeHelp(cmd)))
	default:
		return usageError(fmt.Sprintf("%s are missing: add them (%s)", strings.Join(missing, " and "), seeHelp(cmd)))
	}
	for _, key := range slices.Sorted(maps.Keys(cmd.Annotations)) {
		if err := checkGroup(cmd, key, cmd.Annotations[key]); err != nil {
			return err
		}
	}
	return nil
}

// checkGroup checks one group of flags.
func checkGroup(cmd *cobra.Command, key, fix string) error {
	var names, given []string
	group, wantsOne := strings.CutPrefix(key, oneOfKey+" ")
	if !wantsOne {
		var isApart bool
		if group, isApart = strings.CutPrefix(key, apartKey+" "); !isApart {
			return nil
		}
	}
	for name := range strings.FieldsSeq(group) {
		f := cmd.Flags().Lookup(name)
		names = append(names, "--"+name)
		switch {
		case !f.Changed:
		case f.Value.Type() == "bool":
			given = append(given, "--"+name)
		default:
			given = append(given, fmt.Sprintf("--%s %q", name, strings.Trim(f.Value.String(), "[]")))
		}
	}
	switch {
	case wantsOne && len(given) == 0:
		return usageError(fmt.Sprintf("%s are missing: %s (%s)", strings.Join(names, " and "), fix, seeHelp(cmd)))
	case !wantsOne && len(given) > 1:
		return usageError(fmt.Sprintf("%s do not go together: %s (%s)", strings.Join(given, " and "), fix, seeHelp(cmd)))
	}
	return nil
}
