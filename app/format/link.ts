/** An address from outside, if it is one a link may lead to: http or https. Everything else (`javascript:` …) is null. */
export function safeHref(url: string | null): string | null {
	if (url === null || !/^https?:\/\//i.test(url)) return null;
	try {
		return new URL(url).href;
	} catch {
		return null;
	}
}
