// Command fpconform tests implementations of the Freedom Pay (formerly PayBox.money) payment
// gateway's protocol, and signs, verifies and explains its messages. It is unofficial.
//
//	fpconform sign --url https://api.example/init_payment.php \
//		--secret-file secret.txt pg_merchant_id=500001 pg_amount=25
//	fpconform verify --script result --secret-file secret.txt --file callback.txt
//
// "fpconform help" lists the commands, "fpconform help COMMAND" says what each one takes.
//
// What goes in: secrets come from files and the environment, never from a flag's value. What
// comes out: results on standard output; errors, notes and warnings on standard error, each
// on a line of its own. The exit code is 0 for a yes (it conforms, the signature is right), 1
// for a no, 2 for wrong usage or unreadable input, 3 where there is no verdict.
//
// Each command is built by a function in the file of its name that takes its streams.
// Everything that it knows about the protocol it has from the packages of this module.
package main
