package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// updateReadme writes what the commands print into README.md, where it is not what stands there.
var updateReadme = flag.Bool("update-readme", false, "rewrite the output that README.md shows")

// readmeLimit bounds one command of the README, or the wait for one line of a background program. It
// is there for what hangs, and is no claim of speed.
const readmeLimit = 2 * time.Minute

// README.md is run as it stands, block by block, by the language of each block:
//
//	sh       two of them: the clone, which stands for a change to this checkout, and the test
//	         command, which is not run, since it is what is running
//	console  lines that begin with "$ " are given to bash, the lines below each are what it must
//	         print; a command goes on behind a backslash at the end of its line
//	         "fpconform mock" as the last command is another terminal: it is started in a bash of its
//	         own and runs until the next mock or the end of the section
//	         a block without "$ " has the lines that the other terminal prints next
//	yaml, go, go.mod
//	         a file, which begins with its name in a comment
//
// A block of any other kind is an error, and so is a README without blocks. Every section (a heading
// with two #) has a bash of its own, so that none needs the variables of another; all of them share a
// folder. Where a line is "…" any lines may be printed. A command must succeed, unless the block shows
// how it ends: in its output, as "(exit 1)", or by the command "echo $?" after it.
//
// The ports of the mock are whatever is free; they are put where 8090 and 8091 stand in commands and
// files, and taken out of what is printed. What differs from run to run is masked on both sides, see
// readmeMasks.
func TestReadmeCommandsPrintWhatItShows(t *testing.T) {
	t.Parallel()
	needTool(t, "bash", "bash")
	needTool(t, "curl", "curl")
	if runtime.GOOS == "windows" {
		t.Skip("the other terminal of README.md is ended by an interrupt, which Windows does not send")
	}
	r := &readme{t: t, dir: t.TempDir(), bin: t.TempDir(), root: readmeRoot(t), files: map[string]string{}}
	r.lines = strings.Split(readFile(t, filepath.Join(r.root, "README.md")), "\n")
	sections, err := parseReadme(r.lines)
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]int{}
	for _, s := range sections {
		if len(s.blocks) == 0 {
			continue
		}
		// Sections are not subtests that could be chosen: what comes later needs the program that
		// the first one installs.
		r.section(s, done)
		if t.Failed() && !*updateReadme {
			return // what follows would fail for the same reason
		}
	}
	for _, kind := range []string{blockClone, blockTest, blockConsole, blockMock, blockGoesOn, blockFile} {
		if done[kind] == 0 {
			t.Errorf("README.md: no block of the kind %q: %v", kind, done)
		}
	}
	if done[blockClone] > 1 || done[blockTest] > 1 {
		t.Errorf("README.md: the clone and the test command stand there once: %v", done)
	}
	if *updateReadme && len(r.changes) > 0 {
		r.update()
	}
}

// needTool skips the test where a tool is missing, and fails it with CI=true.
func needTool(t *testing.T, tool, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed (Debian: %s)", tool, pkg)
	}
	t.Skipf("%s is not installed (Debian: %s)", tool, pkg)
}

func readmeRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A readmeBlock is the inside of a fence. at is the number of its first line, from 0.
type readmeBlock struct {
	language string
	at       int
	lines    []string
}

type readmeSection struct {
	title  string
	blocks []readmeBlock
}

// parseReadme splits a README into its sections and their blocks. It refuses the kinds of code block
// that it would otherwise miss.
func parseReadme(lines []string) ([]readmeSection, error) {
	sections := []readmeSection{{title: "the beginning"}}
	var open *readmeBlock
	total := 0
	for i, line := range lines {
		fence := strings.HasPrefix(line, "```")
		switch {
		case open != nil && line == "```":
			s := &sections[len(sections)-1]
			s.blocks = append(s.blocks, *open)
			open, total = nil, total+1
		case open != nil && fence:
			return nil, fmt.Errorf("README.md:%d: a fence within the block of line %d", i+1, open.at)
		case open != nil:
			open.lines = append(open.lines, line)
		case fence:
			open = &readmeBlock{language: line[3:], at: i + 1}
		case strings.HasPrefix(line, "## "):
			sections = append(sections, readmeSection{title: line[3:]})
		case strings.HasPrefix(strings.TrimSpace(line), "```"), strings.HasPrefix(line, "~~~"), strings.HasPrefix(line, "    "), strings.HasPrefix(line, "\t"):
			return nil, fmt.Errorf("README.md:%d: a code block that is not between two lines of ```", i+1)
		}
	}
	if open != nil {
		return nil, fmt.Errorf("README.md:%d: the block does not end", open.at)
	}
	if total == 0 {
		return nil, errors.New("README.md: no code block")
	}
	return sections, nil
}

// readme is one run through the README.
type readme struct {
	t              *testing.T
	root, dir, bin string
	lines          []string
	files          map[string]string // of the README, by name, as they stand there
	shell          *bash
	mock           *background
	changes        []readmeChange
}

// A readmeChange is output that is not what the README shows.
type readmeChange struct {
	from, to int // lines of the README
	lines    []string
}

func (r *readme) errorf(line int, format string, args ...any) {
	r.t.Helper()
	r.t.Errorf("README.md:%d: %s", line+1, fmt.Sprintf(format, args...))
}

func (r *readme) section(s readmeSection, done map[string]int) {
	r.t.Helper()
	r.shell = startBash(r.t, r.dir, r.environment())
	defer func() {
		r.shell.end()
		r.endMock()
	}()
	for _, b := range s.blocks {
		kind, ok := r.block(b)
		done[kind]++
		if !ok {
			return
		}
	}
}

// environment is that of the test without variables of this project, and without a network for Go.
// GOBIN is where the README's own line installs the program, and PATH finds it there.
func (r *readme) environment() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "FPCONFORM_") && name != "BASH_ENV" {
			env = append(env, v)
		}
	}
	return append(env, "GOBIN="+r.bin, "PATH="+r.bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"no_proxy=127.0.0.1", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=-buildvcs=false")
}

// The kinds of blocks.
const (
	blockClone    = "clone"
	blockTest     = "test command"
	blockConsole  = "console"
	blockMock     = "mock"
	blockGoesOn   = "mock going on"
	blockFile     = "file"
	fileNameChars = "abcdefghijklmnopqrstuvwxyz0123456789_.-"
)

// kind tells what is to be done with a block; an error is a block that nobody knows how to run.
func (b readmeBlock) kind() (string, error) {
	if len(b.lines) == 0 {
		return "", fmt.Errorf("README.md:%d: an empty block", b.at)
	}
	first := b.lines[0]
	switch b.language {
	case "sh":
		switch {
		case len(b.lines) == 2 && strings.HasPrefix(first, "git clone ") && strings.HasPrefix(b.lines[1], "cd "):
			return blockClone, nil
		case len(b.lines) == 1 && strings.HasPrefix(first, "go test "):
			return blockTest, nil
		}
	case "console":
		commands, err := b.commands()
		switch {
		case err != nil:
			return "", err
		case len(commands) == 0:
			return blockGoesOn, nil
		}
		if last := commands[len(commands)-1].text; strings.HasPrefix(last, "fpconform mock") && !strings.Contains(last, "--list") {
			return blockMock, nil
		}
		return blockConsole, nil
	case "yaml", "go", "go.mod":
		if b.fileName() != "" {
			return blockFile, nil
		}
		return "", fmt.Errorf("README.md:%d: a file begins with its name in a comment, not with %q", b.at+1, first)
	}
	return "", fmt.Errorf("README.md:%d: no rule for a block of the language %q that begins with %q", b.at+1, b.language, first)
}

// fileName returns the name in the comment that begins a file, or "".
func (b readmeBlock) fileName() string {
	comment := "// "
	if b.language == "yaml" {
		comment = "# "
	}
	name, ok := strings.CutPrefix(b.lines[0], comment)
	if !ok || strings.Trim(name, fileNameChars) != "" || strings.HasPrefix(name, ".") {
		return ""
	}
	return name
}

// block runs one block. It returns what kind it is, and whether there is a point in going on.
func (r *readme) block(b readmeBlock) (kind string, ok bool) {
	r.t.Helper()
	kind, err := b.kind()
	if err != nil {
		r.t.Error(err)
		return "", false
	}
	commands, _ := b.commands()
	switch kind {
	case blockTest:
		ok = true
	case blockClone:
		if _, _, err := r.shell.run("cd " + quoteShell(r.root)); err != nil {
			r.errorf(b.at, "%v", err)
		} else {
			ok = true
		}
	case blockConsole:
		ok = r.console(commands)
	case blockMock:
		ok = r.startMock(commands)
	case blockGoesOn:
		ok = r.mockGoesOn(b)
	case blockFile:
		r.files[b.fileName()] = strings.Join(b.lines, "\n") + "\n"
		ok = r.write(b.at)
	}
	return kind, ok
}

// write puts the files of the README into the folder, for the ports of now.
func (r *readme) write(line int) bool {
	for name, text := range r.files {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(r.toReal(text)), 0o600); err != nil {
			r.errorf(line, "%v", err)
			return false
		}
	}
	return true
}

// A readmeCommand is a command and the lines that it must print, which begin at the line shown.
type readmeCommand struct {
	text   string
	at     int
	shown  int
	output []string
}

// commands returns the commands of a console block. There are none if it has only output.
func (b readmeBlock) commands() ([]readmeCommand, error) {
	if b.language != "console" || !strings.HasPrefix(b.lines[0], "$ ") {
		return nil, nil
	}
	var commands []readmeCommand
	for i := 0; i < len(b.lines); i++ {
		text, isCommand := strings.CutPrefix(b.lines[i], "$ ")
		if !isCommand {
			c := &commands[len(commands)-1]
			c.output = append(c.output, b.lines[i])
			continue
		}
		at := b.at + i
		for strings.HasSuffix(text, `\`) {
			if i++; i == len(b.lines) {
				return nil, fmt.Errorf("README.md:%d: the command does not end", at+1)
			}
			text += "\n" + b.lines[i]
		}
		commands = append(commands, readmeCommand{text: text, at: at, shown: b.at + i + 1})
	}
	return commands, nil
}

func (r *readme) console(commands []readmeCommand) bool {
	r.t.Helper()
	for i, c := range commands {
		if r.mock == nil && mockPort.MatchString(c.text) {
			r.errorf(c.at, "the command asks the mock, and no mock runs in this section")
			return false
		}
		out, code, err := r.shell.run(r.toReal(c.text))
		if err != nil {
			r.errorf(c.at, "%s: %v\n%s", c.text, err, out)
			return false
		}
		r.compare(c, splitOutput(r.toShown(out)))
		echoed := i+1 < len(commands) && commands[i+1].text == "echo $?"
		if code != 0 && !echoed && !strings.Contains(out, fmt.Sprintf("(exit %d)", code)) {
			r.errorf(c.at, "%s: exit code %d, and the block does not show it\n%s", c.text, code, out)
			return false
		}
		if strings.HasPrefix(c.text, "fpconform ") && !r.ourProgram() {
			r.errorf(c.at, "no earlier command of the README installed fpconform")
			return false
		}
	}
	return true
}

// ourProgram tells whether the program that ran was the one that the README installs.
func (r *readme) ourProgram() bool {
	_, err := os.Stat(filepath.Join(r.bin, "fpconform"))
	return err == nil
}

func (r *readme) compare(c readmeCommand, got []string) bool {
	r.t.Helper()
	if sameOutput(got, c.output) {
		return true
	}
	if *updateReadme && !slices.Contains(c.output, ellipsis) {
		r.changes = append(r.changes, readmeChange{c.shown, c.shown + len(c.output), got})
		return true
	}
	r.errorf(c.at, "%s\nprints\n%s\nand README.md shows\n%s", c.text, indent(got), indent(c.output))
	return false
}

func (r *readme) update() {
	slices.SortFunc(r.changes, func(a, b readmeChange) int { return b.from - a.from })
	lines := slices.Clone(r.lines)
	for _, c := range r.changes {
		lines = slices.Replace(lines, c.from, c.to, c.lines...)
	}
	if err := os.WriteFile(filepath.Join(r.root, "README.md"), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.t.Logf("README.md: %d outputs rewritten", len(r.changes))
}

// ellipsis as a line of the README stands for lines that are left out.
const ellipsis = "…"

// readmeMasks say what may differ from run to run.
var readmeMasks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\bfpconform (\(devel\)|v[0-9]\S*?)(,| |$)`), "fpconform VERSION$2"},
	{regexp.MustCompile(`\b(seed +)\d+`), "${1}SEED"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(µs|ms|s)\b`), "TIME"},
	{regexp.MustCompile(`\b127\.0\.0\.1:(\d+)`), "127.0.0.1:PORT"},
	{madeSalt, "pg_salt=SALT"},
}

// A salt that sign made, in place of one that was given, and signatures over it.
var (
	madeSalt = regexp.MustCompile(`\bpg_salt=[A-Z2-7]{26}\b`)
	wholeSig = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
)

func masked(lines []string) []string {
	salted := slices.ContainsFunc(lines, madeSalt.MatchString)
	out := make([]string, len(lines))
	for i, line := range lines {
		for _, port := range []string{"8090", "8091"} { // those stay
			line = strings.ReplaceAll(line, "127.0.0.1:"+port, "mock:"+port)
		}
		for _, m := range readmeMasks {
			line = m.pattern.ReplaceAllString(line, m.with)
		}
		if salted {
			line = wholeSig.ReplaceAllString(line, "SIGNATURE")
		}
		out[i] = strings.TrimRight(line, " \t")
	}
	return out
}

// sameOutput compares what is printed with what is shown.
func sameOutput(got, shown []string) bool {
	return matchLines(masked(got), masked(shown))
}

func matchLines(got, shown []string) bool {
	for i, want := range shown {
		if want == ellipsis {
			for skip := i + 1; skip <= len(got); skip++ { // a line at least is left out
				if matchLines(got[skip:], shown[i+1:]) {
					return true
				}
			}
			return false
		}
		if i >= len(got) || got[i] != want {
			return false
		}
	}
	return len(got) == len(shown)
}

func splitOutput(out string) []string {
	if out = strings.TrimSuffix(out, "\n"); out == "" {
		return nil
	}
	return strings.Split(out, "\n")
}

func indent(lines []string) string {
	if len(lines) == 0 {
		return "\t(nothing)"
	}
	return "\t" + strings.Join(lines, "\n\t")
}

func quoteShell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// mockPort finds the documented addresses of the mock.
var mockPort = regexp.MustCompile(`\b127\.0\.0\.1:(8090|8091)\b`)

// toReal puts the addresses of now where the README has the documented ones: the ports of the mock,
// and the checkout beside the reader's own module.
func (r *readme) toReal(text string) string {
	text = strings.ReplaceAll(text, "../fpconform", filepath.ToSlash(r.root))
	if r.mock == nil {
		return text
	}
	return mockPort.ReplaceAllStringFunc(text, func(address string) string {
		return "127.0.0.1:" + r.mock.ports[address[strings.LastIndexByte(address, ':')+1:]]
	})
}

// toShown is the way back, for what is printed.
func (r *readme) toShown(text string) string {
	if r.mock == nil {
		return text
	}
	for documented, port := range r.mock.ports {
		text = regexp.MustCompile(`\b127\.0\.0\.1:`+port+`\b`).ReplaceAllString(text, "127.0.0.1:"+documented)
	}
	return text
}

// A background is the mock in the other terminal.
type background struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	out    *watched
	ports  map[string]string // documented -> real
	read   int               // lines that the README has shown
}

// listening finds the addresses in what the mock prints when it is ready.
var listening = map[string]*regexp.Regexp{
	"8090": regexp.MustCompile(`(?m)^gateway +http://127\.0\.0\.1:(\d+)$`),
	"8091": regexp.MustCompile(`(?m)^merchant +http://127\.0\.0\.1:(\d+)/`),
}

// startMock runs commands of which the last is the mock, in a bash of its own.
func (r *readme) startMock(commands []readmeCommand) bool {
	r.t.Helper()
	r.endMock()
	var script strings.Builder
	for _, c := range commands[:len(commands)-1] {
		if len(c.output) > 0 || !strings.HasPrefix(c.text, "export ") {
			r.errorf(c.at, "before a mock there are only export lines")
			return false
		}
		fmt.Fprintln(&script, c.text)
	}
	last := commands[len(commands)-1]
	if strings.Contains(last.text, "listen") {
		r.errorf(last.at, "the mock of the README has the default addresses")
		return false
	}
	fmt.Fprintf(&script, "exec %s --listen 127.0.0.1:0 --merchant-listen 127.0.0.1:0\n", last.text)

	ctx, cancel := context.WithCancel(context.Background())
	m := &background{cancel: cancel, out: newWatched()}
	m.cmd = exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-c", script.String())
	m.cmd.Dir, m.cmd.Env = r.dir, r.environment()
	m.cmd.Stdout, m.cmd.Stderr = m.out, m.out
	m.cmd.WaitDelay = readmeLimit
	m.cmd.Cancel = func() error { return m.cmd.Process.Signal(os.Interrupt) }
	if err := m.cmd.Start(); err != nil {
		cancel()
		r.errorf(last.at, "%v", err)
		return false
	}
	go func() {
		m.cmd.Wait()
		m.out.end()
	}()
	r.mock = m
	got := m.out.wait(0, len(last.output))
	m.ports = map[string]string{}
	for documented, pattern := range listening {
		if found := pattern.FindStringSubmatch(strings.Join(got, "\n")); found != nil {
			m.ports[documented] = found[1]
		} else {
			r.errorf(last.at, "%s: no address for port %s in\n%s", last.text, documented, indent(got))
			return false
		}
	}
	m.read = len(got)
	return r.compare(last, splitOutput(r.toShown(strings.Join(got, "\n")))) && r.write(last.at)
}

// mockGoesOn compares what the mock printed since the README last looked.
func (r *readme) mockGoesOn(b readmeBlock) bool {
	r.t.Helper()
	if r.mock == nil {
		r.errorf(b.at, "a block without a command, and no mock runs in this section")
		return false
	}
	got := r.mock.out.wait(r.mock.read, len(b.lines))
	r.mock.read += len(got)
	return r.compare(readmeCommand{text: "fpconform mock, going on,", at: b.at, shown: b.at, output: b.lines}, splitOutput(r.toShown(strings.Join(got, "\n"))))
}

// endMock interrupts the mock, as a reader does, and waits for its end.
func (r *readme) endMock() {
	r.t.Helper()
	if r.mock == nil {
		return
	}
	m := r.mock
	r.mock = nil
	m.cancel()
	<-m.out.done
	if code := m.cmd.ProcessState.ExitCode(); code != 0 {
		r.t.Errorf("the mock ended with code %d:\n%s", code, indent(m.out.lines(0)))
	}
}

// watched is output that grows while it is looked at.
type watched struct {
	mu    sync.Mutex
	text  []byte
	grown chan struct{}
	done  chan struct{}
}

func newWatched() *watched {
	return &watched{grown: make(chan struct{}, 1), done: make(chan struct{})}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	w.text = append(w.text, p...)
	w.mu.Unlock()
	select {
	case w.grown <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (w *watched) end() { close(w.done) }

// lines returns the whole lines from the one with this number on.
func (w *watched) lines(from int) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := w.text[:bytes.LastIndexByte(w.text, '\n')+1]
	lines := splitOutput(string(whole))
	return lines[min(from, len(lines)):]
}

// wait returns the lines from this one on as soon as there are so many and no more follow, or when
// nothing more can come.
func (w *watched) wait(from, many int) []string {
	limit := time.After(readmeLimit)
	var still <-chan time.Time
	for {
		if len(w.lines(from)) >= max(many, 1) {
			still = time.After(100 * time.Millisecond)
		}
		select {
		case <-w.grown:
		case <-still:
			return w.lines(from)
		case <-w.done:
			return w.lines(from)
		case <-limit:
			return w.lines(from)
		}
	}
}

// bash is one shell that runs one command after the other, so that variables stay.
type bash struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	pipe *os.File
	out  *bufio.Reader
	end  func()
}

// endOfCommand follows the output of each command, with its exit code.
const endOfCommand = "\x1e end of command"

func startBash(t *testing.T, dir string, env []string) *bash {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b := &bash{cmd: exec.CommandContext(ctx, "bash", "--noprofile", "--norc")}
	b.cmd.Dir, b.cmd.Env = dir, env
	b.cmd.WaitDelay = 10 * time.Second
	in, err := b.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b.cmd.Stdout, b.cmd.Stderr = w, w
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	b.in, b.pipe, b.out = in, out, bufio.NewReader(out)
	b.end = func() {
		in.Close()
		cancel()
		b.cmd.Wait()
		out.Close()
	}
	return b
}

// run gives the shell a command and returns what it printed to both streams and its exit code, which
// is also what $? is for the next command.
func (b *bash) run(command string) (out string, code int, err error) {
	if _, err := fmt.Fprintf(b.in, "{ %s\n} </dev/null; __code=$?; printf '%s %%d\\n' $__code; (exit $__code)\n", command, endOfCommand); err != nil {
		return "", 0, err
	}
	if err := b.pipe.SetReadDeadline(time.Now().Add(readmeLimit)); err != nil {
		return "", 0, err
	}
	var text strings.Builder
	for {
		line, err := b.out.ReadString('\n')
		if before, code, ok := strings.Cut(line, endOfCommand+" "); ok {
			text.WriteString(before) // what does not end in a line break
			code, err := strconv.Atoi(strings.TrimSpace(code))
			return text.String(), code, err
		}
		text.WriteString(line)
		if err != nil {
			return text.String(), 0, fmt.Errorf("no end of the command: %w", err)
		}
	}
}

func TestReadmeIsReadAsItIsMeant(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
	}{
		{"a README without blocks is an error", "# x\n\nwords\n", "README.md: no code block"},
		{"a block that does not end is an error", "a\n```sh\nb\n", "README.md:2: the block does not end"},
		{"a fence within a block is an error", "```sh\n```go\n```\n", "README.md:2: a fence within the block of line 1"},
		{"an indented block is an error", "a\n\n    b\n\n```sh\nc\n```", "README.md:3: a code block that is not between two lines of ```"},
		{"a block within a list is an error", "- a\n  ```sh\n  b\n  ```", "README.md:2: a code block that is not between two lines of ```"},
		{"a fence of tildes is an error", "~~~\nb\n~~~", "README.md:1: a code block that is not between two lines of ```"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseReadme(strings.Split(c.text, "\n"))
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}

	sections, err := parseReadme(strings.Split("# x\n## y\n```console\n$ a \\\n  b\nc\n$ d\n```\n", "\n"))
	if err != nil || len(sections) != 2 || len(sections[1].blocks) != 1 {
		t.Fatalf("%v, %+v", err, sections)
	}
	commands, err := sections[1].blocks[0].commands()
	want := []readmeCommand{{text: "a \\\n  b", at: 3, shown: 5, output: []string{"c"}}, {text: "d", at: 6, shown: 7}}
	if err != nil || fmt.Sprintf("%q", commands) != fmt.Sprintf("%q", want) {
		t.Errorf("commands %q, %v, want %q", commands, err, want)
	}
}

func TestReadmeRefusesBlocksThatItCannotRun(t *testing.T) {
	for _, c := range []struct {
		name, language, text, want string
	}{
		{"the clone is known", "sh", "git clone ADDRESS fpconform\ncd fpconform", blockClone},
		{"the test command is known", "sh", "go test ./...", blockTest},
		{"other commands of a shell are not", "sh", "rm -r x", `README.md:1: no rule for a block of the language "sh" that begins with "rm -r x"`},
		{"a command beside the test command is not", "sh", "go test ./...\nrm -r x", `README.md:1: no rule for a block of the language "sh" that begins with "go test ./..."`},
		{"a console is run", "console", "$ a\nb", blockConsole},
		{"a mock at the end is another terminal", "console", "$ export A=b\n$ fpconform mock", blockMock},
		{"a mock that only lists is not", "console", "$ fpconform mock --list\n…", blockConsole},
		{"output alone is of the mock", "console", "gateway", blockGoesOn},
		{"a command that does not end is an error", "console", "$ a \\", "README.md:1: the command does not end"},
		{"a file has a name", "yaml", "# a.yaml\nb: c", blockFile},
		{"a file without a name is an error", "yaml", "b: c", `README.md:1: a file begins with its name in a comment, not with "b: c"`},
		{"a comment in words is no name", "go", "// Package main is x.", `README.md:1: a file begins with its name in a comment, not with "// Package main is x."`},
		{"a file elsewhere is an error", "go", "// ../a.go", `README.md:1: a file begins with its name in a comment, not with "// ../a.go"`},
		{"another language is an error", "php", "<?php", `README.md:1: no rule for a block of the language "php" that begins with "<?php"`},
		{"no language is an error", "", "a", `README.md:1: no rule for a block of the language "" that begins with "a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, err := readmeBlock{language: c.language, lines: strings.Split(c.text, "\n")}.kind()
			if err != nil {
				kind = err.Error()
			}
			if kind != c.want {
				t.Errorf("%s, want %s", kind, c.want)
			}
		})
	}
}

func TestReadmeOutputIsCompared(t *testing.T) {
	const salt, other = "pg_salt=ABCDEFGHIJKLMNOPQRSTUVWX23", "pg_salt=7BCDEFGHIJKLMNOPQRSTUVWX24"
	sum := func(digit string) string { return "pg_sig=" + strings.Repeat(digit, 32) }
	for _, c := range []struct {
		name       string
		got, shown string
		same       bool
	}{
		{"equal text is the same", "a\nb", "a\nb", true},
		{"other text is not", "a\nb", "a\nc", false},
		{"a line too few is not", "a", "a\nb", false},
		{"a line too many is not", "a\nb", "a", false},
		{"nothing is nothing", "", "", true},
		{"something is not nothing", "a", "", false},
		{"lines may be left out in the middle", "a\nb\nc\nd", "a\n…\nd", true},
		{"lines may be left out twice", "a\nb\nc\nd\ne", "…\nc\n…", true},
		{"lines left out are there", "a\nd", "a\n…\nd", false},
		{"what follows lines left out is compared", "a\nb\nc\nd", "a\n…\ne", false},
		{"a duration may differ", "372 requests in 239ms", "372 requests in 1.5s", true},
		{"a count may not", "372 requests in 239ms", "373 requests in 239ms", false},
		{"a seed may differ", "seed         17", "seed         1", true},
		{"a version may differ", "fpconform (devel), seed 1", "fpconform v0.3.1, seed 1", true},
		{"a free port may differ", "http://127.0.0.1:40001", "http://127.0.0.1:50002", true},
		{"a documented port may not", "http://127.0.0.1:8090", "http://127.0.0.1:8091", false},
		{"a signature over a made salt may differ", salt + "\n" + sum("a"), other + "\n" + sum("b"), true},
		{"a signature over a given salt may not", "pg_salt=x\n" + sum("a"), "pg_salt=x\n" + sum("b"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sameOutput(splitOutput(c.got), splitOutput(c.shown)); got != c.same {
				t.Errorf("the same: %t, want %t", got, c.same)
			}
		})
	}
}

// A reader in a terminal of 80 columns sees whole lines, and every link leads somewhere.
func TestReadmeFitsATerminalAndItsLinksLeadSomewhere(t *testing.T) {
	root := readmeRoot(t)
	text := readFile(t, filepath.Join(root, "README.md"))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > 380 {
		t.Errorf("%d lines; a README is read in one go", len(lines))
	}
	anchors := map[string]bool{}
	console, command := false, false // within a block that shows output; a command, which may go on
	for i, line := range lines {
		if strings.HasPrefix(line, "```") {
			console = line == "```console"
		}
		command = strings.HasPrefix(line, "$ ") || command && strings.HasSuffix(lines[i-1], `\`)
		if n := utf8.RuneCountInString(line); n > 80 && (!console || command) { // output is what it is
			t.Errorf("README.md:%d: %d columns", i+1, n)
		}
		if line != strings.TrimRight(line, " \t") {
			t.Errorf("README.md:%d: blanks at the end", i+1)
		}
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' {
			anchors["#"+anchor(heading)] = true
		}
		if fetchesModule.MatchString(line) {
			t.Errorf("README.md:%d: fetches a module that is not published: %s", i+1, line)
		}
	}
	links := regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1)
	if len(links) < 5 {
		t.Errorf("only %d links", len(links))
	}
	for _, link := range links {
		switch to := link[1]; {
		case strings.HasPrefix(to, "#"):
			if !anchors[to] {
				t.Errorf("no heading has the anchor %s: %v", to, anchors)
			}
		case strings.Contains(to, "://"):
			t.Errorf("a link that no test can follow: %s", to)
		default:
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				t.Errorf("%s: %v", to, err)
			}
		}
	}
}

// fetchesModule finds a command that asks a server for this module.
var fetchesModule = regexp.MustCompile(`go\s+(get|install|run)\b.*github\.com/fpconform/|github\.com/fpconform/\S*@(latest|v[0-9.]*[1-9])`)

// anchor is the address of a heading: its letters and digits in lower case, with dashes for blanks.
func anchor(heading string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(heading) {
		switch {
		case c == ' ':
			b.WriteByte('-')
		case c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			b.WriteRune(c)
		}
	}
	return b.String()
}
