/** What a typed text asks the palette for: `>` for actions only, `#` for runs only. */
export function readQuery(text: string): { scope: "all" | "actions" | "runs"; words: string } {
	const trimmed = text.trimStart();
	if (trimmed.startsWith(">")) return { scope: "actions", words: trimmed.slice(1).trim() };
	if (trimmed.startsWith("#")) return { scope: "runs", words: trimmed.slice(1).trim() };
	return { scope: "all", words: trimmed.trim() };
}

/** Whether an entry answers a query: every word typed begins a word of it, or stands in it from three letters on. */
export function answersTo(entry: string, words: string): boolean {
	const text = entry.toLowerCase();
	const begins = text.split(/[\s/_.\-:()]+/);
	return words
		.toLowerCase()
		.split(/\s+/)
		.filter(Boolean)
		.every((word) => begins.some((part) => part.startsWith(word)) || (word.length > 2 && text.includes(word)));
}
