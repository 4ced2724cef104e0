/** What differs between the images of two deployments, as lines of a diff. Pure. */
export function imageChanges(before: readonly string[], after: readonly string[]): string[] {
	const lines: string[] = [];
	for (const image of before) if (!after.includes(image)) lines.push(`- image: ${image}`);
	for (const image of after) {
		if (!before.includes(image)) lines.push(`+ image: ${image}`);
		else lines.push(`  image: ${image}`);
	}
	return lines.some((line) => !line.startsWith(" ")) ? lines : [];
}
