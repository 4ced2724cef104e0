/**
 * The content security policy of a page: nothing is allowed but our own files, avatars of the forge, and the live socket
 * of this very host. `style-src` has no 'unsafe-inline', so server-rendered HTML carries no style attributes.
 */
export function contentSecurityPolicy({ url, nonce }: { url: URL; nonce: string }): string {
	return [
		"default-src 'none'",
		`script-src 'self' 'nonce-${nonce}'`,
		`style-src 'self' 'nonce-${nonce}'`,
		"font-src 'self'",
		"manifest-src 'self'",
		"worker-src 'self'",
		"img-src 'self' data: https://avatars.githubusercontent.com",
		// 'self' does not cover ws: in every browser, so the host is named.
		`connect-src 'self' ws://${url.host} wss://${url.host}`,
		"frame-ancestors 'none'",
		"base-uri 'none'",
		"form-action 'self'",
	].join("; ");
}

/** Put the headers of a page on `headers`. Pages are personal and live, so nothing on the way may keep them. */
export function setPageHeaders(headers: Headers, page: { url: URL; nonce: string }): void {
	headers.set("Content-Type", "text/html; charset=utf-8");
	headers.set("Content-Security-Policy", contentSecurityPolicy(page));
	setDataHeaders(headers);
}

/** The headers that hold for pages and for the data behind them. */
export function setDataHeaders(headers: Headers): void {
	headers.set("X-Content-Type-Options", "nosniff");
	headers.set("Referrer-Policy", "same-origin");
	headers.set("Cache-Control", "no-store");
}
