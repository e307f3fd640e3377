// Package report is what a run leaves behind: its results, the exchanges that they rest on,
// and the verdict that follows from them, with the writers that show them to people and
// programs.
//
//	r := &report.Report{Seed: 42, Results: results, Exchanges: exchanges}
//	r.Seal()
//	if err := report.WriteFile("report.json", report.JSON, r); err != nil {
//		return err
//	}
//	os.Exit(r.Exit())
//
// The verdict is never stored and believed: [Report.Exit] and every writer work it out from the
// results, and [Read] refuses a file whose verdict says something else.
//
// The package judges no traffic and masks no secrets; both happened before a report exists. Nor
// does it look at the terminal or the environment: colour and width are told to it.
//
// The JSON form is described by schema/report.schema.json, which [Schema] returns. The JUnit
// form follows the schema that Jenkins reads, jenkins-junit.xsd.
package report
