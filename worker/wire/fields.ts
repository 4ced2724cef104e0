import type { z } from "zod";

/** Zod's findings as field path (`meta.x`) → a sentence. The first finding of each field counts. */
export function fieldsOf(error: z.ZodError): Record<string, string> {
	const fields: Record<string, string> = {};
	for (const issue of error.issues) fields[issue.path.join(".") || "body"] ??= issue.message;
	return fields;
}
