/**
 * Wait for `work`, but not longer than `ms`; then reject with what `tooLate` makes. The work itself goes on: whoever gives up
 * must not assume that it did not happen.
 */
export async function withPatience<T>(work: Promise<T>, ms: number, tooLate: () => Error): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | null = null;
	const timeout = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(tooLate()), ms);
	});
	try {
		return await Promise.race([work, timeout]);
	} finally {
		clearTimeout(timer);
	}
}
