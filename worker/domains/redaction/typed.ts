import { z } from "zod";
import { redact } from "./mask.ts";

/** What people call things is kept, shown and recorded: a secret pasted into the wrong field goes no further than here. */
export function typedName(max: number, words: { missing: string; long: string }) {
	return (
		z
			.string({ error: words.missing })
			.trim()
			.min(1, words.missing)
			.max(max, words.long)
			// A marker may be longer than what it stands for.
			.transform((name) => redact(name).text.slice(0, max))
	);
}
