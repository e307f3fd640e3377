package sig_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

func leaves(pairs ...string) (m sig.Message) {
	for i := 0; i < len(pairs); i += 2 {
		m = append(m, sig.Leaf(pairs[i], pairs[i+1]))
	}
	return m
}

// Published examples whose result is printed, or known from the test suites of two public
// integrations at least.
func TestSumOfPublishedExamples(t *testing.T) {
	positions := sig.Branch("pg_receipt_positions")
	for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
		positions.Children = append(positions.Children, sig.Branch(n, sig.Leaf("name", "n"+n), sig.Leaf("count", "1")))
	}
	for _, row := range []struct {
		why            string
		order          sig.Order
		script, secret string
		m              sig.Message
		canonical, sum string
	}{
		{"nested tags", sig.Reference, "script.php", "mypasskey", append(
			leaves("pg_salt", "9imM909TH820jwk387", "pg_t_param", "value3", "pg_a_param", "value1"),
			sig.Branch("pg_z_param", leaves("pg_q_subparam", "subvalue2", "pg_m_subparam", "subvalue1")...),
			sig.Leaf("pg_b_param", "value2")),
			"script.php;value1;value2;9imM909TH820jwk387;value3;subvalue1;subvalue2;mypasskey",
			"a8a4d5a9188f24038a14a4d65c387bf7"},
		{"a callback of the sibling system", sig.Reference, "result", "secret", leaves(
			"pg_salt", "49c1e", "pg_order_id", "e76346a58c9c4c44bfa4e2f8600d9215", "pg_payment_id", "21404388",
			"pg_amount", "1.0000", "pg_currency", "RUR", "pg_net_amount", "0.94", "pg_ps_amount", "1",
			"pg_ps_full_amount", "1.00", "pg_ps_currency", "RUR", "pg_payment_system", "YANDEXMONEY", "pg_result", "1",
			"pg_payment_date", "2015-10-28 00:16:09", "pg_can_reject", "1", "pg_user_phone", "79261238736",
			"pg_need_phone_notification", "1", "pg_sig", "37d26729ec04e12b08e633e7530d5eb2"),
			"result;1.0000;1;RUR;1;0.94;e76346a58c9c4c44bfa4e2f8600d9215;2015-10-28 00:16:09;21404388;YANDEXMONEY;1;RUR;1.00;1;49c1e;79261238736;secret",
			"37d26729ec04e12b08e633e7530d5eb2"},
		{"two fields", sig.Reference, "payment.php", "rofoneqaxujagexi", leaves("test", "test1", "test2", "test3"),
			"payment.php;test1;test3;rofoneqaxujagexi", "27a5edfcb35e2fa44c9adef6994af3f0"},
		{"a list of values", sig.Reference, "payment.php", "rofoneqaxujagexi",
			sig.Message{sig.Branch("foo", leaves("1", "test", "2", "test2")...)},
			"payment.php;test;test2;rofoneqaxujagexi", "fcb6df9c160e55849cc85f5781591b41"},
		{"an answer with one field", sig.Reference, "test.php", "rofoneqaxujagexi", leaves("pg_description", "test"),
			"test.php;test;rofoneqaxujagexi", "7e3123d36e6aa859f40dbe4d7eff7c34"},
		{"a payment request", sig.Reference, "init_payment.php", "test_secret_key", leaves(
			"pg_order_id", "23", "pg_merchant_id", "123456", "pg_amount", "25",
			"pg_description", "Order description", "pg_salt", "some_random_string"),
			"init_payment.php;25;Order description;123456;23;some_random_string;test_secret_key",
			"1d602ce1af2d04738e5840ff8562963f"},
		{"twelve positions by the documented routine", sig.Documented, "init_payment.php", "k",
			sig.Message{positions, sig.Leaf("pg_salt", "s")},
			"init_payment.php;1;n0;1;n10;1;n1;1;n11;1;n2;1;n3;1;n4;1;n5;1;n6;1;n7;1;n8;1;n9;s;k",
			"37c8e2025594d5e24a86dec243d15b30"},
	} {
		t.Run(row.why, func(t *testing.T) {
			s := sig.Scheme{Order: row.order}
			if got := canonical(t, s, row.script, row.m, row.secret); got != row.canonical {
				t.Errorf("the string is\n%s, want\n%s", got, row.canonical)
			}
			if got := s.Sum(row.script, row.m, sig.NewKey(row.secret)).String(); got != row.sum {
				t.Errorf("the sum is %s, want %s", got, row.sum)
			}
		})
	}
}

func TestCanonicalString(t *testing.T) {
	for _, row := range []struct {
		why    string
		s      sig.Scheme
		script string
		m      sig.Message
		want   string // with "k" for the secret
	}{
		{"no fields leave script and secret", sig.Scheme{}, "add", nil, "add;k"},
		{"an empty script leaves its separator", sig.Scheme{}, "", leaves("a", "1"), ";1;k"},
		{"empty values keep their place", sig.Scheme{}, "add", leaves("a", "1", "b", "", "c", ""), "add;1;;;k"},
		{"empty values can be dropped", sig.Scheme{DropEmpty: true}, "add", leaves("a", "1", "b", "", "c", ""), "add;1;k"},
		{"a dropped value still counts as a position", sig.Scheme{DropEmpty: true}, "add",
			// p stands at 11 and p01 at 12: p011 comes after p01012, whereas p010 would come before.
			leaves("z", "", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "p", "P", "p01", "P01"),
			"add;1;2;3;4;5;6;7;8;9;P01;P;k"},
		{"fields without pg_ are signed", sig.Scheme{}, "add", leaves("pg_a", "1", "user", "2", "cart", "3"), "add;3;1;2;k"},
		{"upper case, underscore, lower case", sig.Scheme{}, "add", leaves("ab", "1", "a_b", "2", "aB", "3"), "add;3;2;1;k"},
		{"only the exact name pg_sig is left out", sig.Scheme{}, "add", leaves("pg_sig", "1", "PG_SIG", "2", "pg_sign", "3"), "add;2;3;k"},
		{"values are taken as they are", sig.Scheme{}, "add", leaves("a", " x ", "b", "1.0000", "c", "a;b\n"), "add; x ;1.0000;a;b\n;k"},
		{"an empty branch gives nothing", sig.Scheme{}, "add", sig.Message{sig.Leaf("a", "1"), sig.Branch("b"), sig.Leaf("c", "2")}, "add;1;2;k"},
		{"equal names keep wire order", sig.Scheme{}, "add", leaves("b", "2", "a", "9", "b", "1"), "add;9;2;1;k"},

		{"a nested pg_sig is skipped", sig.Scheme{}, "add", sig.Message{sig.Branch("c", leaves("pg_sig", "1", "x", "2")...)}, "add;2;k"},
		{"a nested pg_sig is signed by the documented routine", sig.Scheme{Order: sig.Documented}, "add",
			sig.Message{sig.Branch("c", leaves("pg_sig", "1", "x", "2")...)}, "add;1;2;k"},
		{"a nested pg_sig is skipped in plain order", sig.Scheme{Order: sig.Alphabetical}, "add",
			sig.Message{sig.Branch("c", leaves("pg_sig", "1", "x", "2")...)}, "add;2;k"},

		{"a position decides where a name goes on with a digit", sig.Scheme{}, "add", leaves("p10", "ten", "p1", "one"), "add;ten;one;k"},
		{"and not where no digit follows", sig.Scheme{}, "add", leaves("p_url_method", "2", "p_url", "1"), "add;1;2;k"},
		{"plain order knows no positions", sig.Scheme{Order: sig.Alphabetical}, "add", leaves("p10", "ten", "p1", "one"), "add;one;ten;k"},
		{"a name that goes on below 0 comes first", sig.Scheme{}, "add", leaves("a", "1", "a-b", "2", "a.b", "3"), "add;2;3;1;k"},

		// As above: p011 if pg_sig counts, p010 if not.
		{"pg_sig counts as a position", sig.Scheme{}, "add",
			leaves("pg_sig", "-", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "p", "P", "p01", "P01"),
			"add;1;2;3;4;5;6;7;8;9;P01;P;k"},
		{"pg_sig is taken out before the documented routine counts", sig.Scheme{Order: sig.Documented}, "add",
			leaves("pg_sig", "-", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "p", "P", "p01", "P01"),
			"add;1;2;3;4;5;6;7;8;9;P;P01;k"},
		{"a nested pg_sig counts, too", sig.Scheme{}, "add",
			sig.Message{sig.Branch("l", leaves("pg_sig", "-", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "p", "P", "p01", "P01")...)},
			"add;1;2;3;4;5;6;7;8;9;P01;P;k"},

		{"a number on the top level is a position to the official class", sig.Scheme{}, "add", leaves("5", "five", "10", "ten"), "add;five;ten;k"},
		{"and a name to the documented routine", sig.Scheme{Order: sig.Documented}, "add", leaves("5", "five", "10", "ten"), "add;ten;five;k"},
		{"and in plain order", sig.Scheme{Order: sig.Alphabetical}, "add", leaves("5", "five", "10", "ten"), "add;ten;five;k"},

		{"an unknown order is the default", sig.Scheme{Order: 9}, "add", leaves("p10", "ten", "p1", "one"), "add;ten;one;k"},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := canonical(t, row.s, row.script, row.m, "k"); got != row.want {
				t.Errorf("the string is %q, want %q", got, row.want)
			}
			if got, want := row.s.Sum(row.script, row.m, sig.NewKey("k")).String(), naiveSum(row.s, row.script, row.m, "k"); got != want {
				t.Errorf("the sum is %s, naively %s", got, want)
			}
		})
	}
}

func TestListsOfTwelve(t *testing.T) {
	list := sig.Branch("items")
	for _, n := range strings.Fields("0 1 2 3 4 5 6 7 8 9 10 11") {
		list.Children = append(list.Children, sig.Leaf(n, n))
	}
	for o, want := range map[sig.Order]string{
		sig.Reference:    "s;0;1;2;3;4;5;6;7;8;9;10;11;k",
		sig.Documented:   "s;0;10;1;11;2;3;4;5;6;7;8;9;k",
		sig.Alphabetical: "s;0;1;2;3;4;5;6;7;8;9;10;11;k",
	} {
		if got := canonical(t, sig.Scheme{Order: o}, "s", sig.Message{list}, "k"); got != want {
			t.Errorf("%v: %s, want %s", o, got, want)
		}
	}
	// The same as repeated tags, which have no index that could be compared.
	tags := sig.Branch("items")
	for _, f := range list.Children {
		tags.Children = append(tags.Children, sig.Leaf("item", f.Value))
	}
	for _, o := range orders {
		if got, want := canonical(t, sig.Scheme{Order: o}, "s", sig.Message{tags}, "k"), "s;0;1;2;3;4;5;6;7;8;9;10;11;k"; got != want {
			t.Errorf("%v of repeated tags: %s, want %s", o, got, want)
		}
	}
}

func TestPartsNameWhatIsCompared(t *testing.T) {
	m := sig.Message{
		sig.Leaf("pg_salt", "x"), sig.Leaf("item", "b"), sig.Leaf("item", "a"), sig.Leaf("pg_sig", "-"),
		sig.Branch("pg_receipt_positions",
			sig.Branch("0", sig.Leaf("name", "n"), sig.Leaf("count", "1")),
			sig.Branch("1", sig.Leaf("name", "m"))),
		sig.Branch("tags", sig.Leaf("0", "t")),
	}
	for o, want := range map[sig.Order]string{
		sig.Reference: "item002 item[1] b, item003 item[2] a, " +
			"pg_receipt_positions001count002 pg_receipt_positions/0/count 1, " +
			"pg_receipt_positions001name001 pg_receipt_positions/0/name n, " +
			"pg_receipt_positions002name001 pg_receipt_positions/1/name m, pg_salt001 pg_salt x, tags001 tags/0 t",
		sig.Documented: "item002 item[1] b, item003 item[2] a, " +
			"pg_receipt_positions0040001count002 pg_receipt_positions/0/count 1, " +
			"pg_receipt_positions0040001name001 pg_receipt_positions/0/name n, " +
			"pg_receipt_positions0041002name001 pg_receipt_positions/1/name m, pg_salt001 pg_salt x, tags0050001 tags/0 t",
		sig.Alphabetical: "item item[1] b, item item[2] a, " +
			"pg_receipt_positions//count pg_receipt_positions/0/count 1, " +
			"pg_receipt_positions//name pg_receipt_positions/0/name n, " +
			"pg_receipt_positions//name pg_receipt_positions/1/name m, pg_salt pg_salt x, tags/ tags/0 t",
	} {
		var got []string
		for p := range o.Parts(m) {
			got = append(got, p.SortName+" "+p.Path.String()+" "+p.Field.Value)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%v:\n%s, want\n%s", o, strings.Join(got, ", "), want)
		}
	}
}

func TestIteratorsStopWhenAsked(t *testing.T) {
	m := sig.Message{sig.Branch("l", leaves("a", "1", "b", "2")...), sig.Leaf("c", "3")}
	n := 0
	for range sig.Reference.Fields(m) {
		n++
		break
	}
	for range sig.Reference.Parts(m) {
		n++
		break
	}
	for range m.All() {
		n++
		break
	}
	if n != 3 {
		t.Errorf("three loops left at once ran %d times", n)
	}
	// What was left early was given back clean.
	if got, want := sig.Sum("s", m, sig.NewKey("k")).String(), naiveSum(sig.Scheme{}, "s", m, "k"); got != want {
		t.Errorf("Sum after that is %s, want %s", got, want)
	}
}

func TestOrdersByName(t *testing.T) {
	for _, o := range orders {
		if got, err := sig.ParseOrder(o.String()); got != o || err != nil {
			t.Errorf("ParseOrder(%q) = %v, %v", o, got, err)
		}
	}
	if got := sig.Order(9).String(); got != "Order(9)" {
		t.Errorf("an unknown order is called %s", got)
	}
	_, err := sig.ParseOrder("Reference" + strings.Repeat("x", 100))
	if err == nil || !strings.Contains(err.Error(), `sig: no order is called "Reference`) || len(err.Error()) > 160 {
		t.Errorf("ParseOrder of a long name: %v", err)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestExplain(t *testing.T) {
	var b strings.Builder
	if err := sig.Explain(&b, "result", leaves("b", "2", "a", "1", "pg_sig", "-")); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "result;1;2;{secret_key}"; got != want {
		t.Errorf("Explain writes %q, want %q", got, want)
	}
	var w io.Writer = brokenWriter{}
	if err := sig.Explain(w, "result", init17); !errors.Is(err, errBroken) {
		t.Errorf("Explain to a broken writer returns %v", err)
	}
}

// A line goes back to a pool. Whatever was signed before must not be seen again.
func TestSumsDoNotSeeEachOther(t *testing.T) {
	big := sig.Message{sig.Branch("l", init17...), sig.Leaf("x", strings.Repeat("y", 5000))}
	want := naiveSum(sig.Scheme{}, "s", init17, "k")
	wantBig := naiveSum(sig.Scheme{}, "s", big, "k")
	wide := slices.Repeat(init17, 400) // beyond what is kept in the pool
	wantWide := naiveSum(sig.Scheme{}, "s", wide, "k")
	done := make(chan error)
	for range 4 {
		go func() {
			for range 50 {
				for _, row := range []struct {
					m    sig.Message
					want string
				}{{init17, want}, {big, wantBig}, {nil, naiveSum(sig.Scheme{}, "s", nil, "k")}, {wide, wantWide}} {
					if got := sig.Sum("s", row.m, sig.NewKey("k")).String(); got != row.want {
						done <- errors.New(got + ", want " + row.want)
						return
					}
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
