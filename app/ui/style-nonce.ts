import { setNonce } from "get-nonce";
import { useEffect } from "react";

/**
 * Gives the page's nonce to the libraries that add a <style> element while they run, such as the lock on scrolling behind
 * a dialog. A browser shows a nonce as a property only, so no markup carries it on.
 */
export function useStyleNonce(): void {
	useEffect(() => {
		const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
		if (nonce) setNonce(nonce);
	}, []);
}
