/** Run a command line. Resolves to its exit code; `say` and `warn` are told what is printed. */
export function opssight(
	args: string[],
	io: { env: Record<string, string | undefined>; say: (line: string) => void; warn: (line: string) => void },
): Promise<number>;
