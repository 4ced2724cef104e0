import { useEffect } from "react";
import { failedSince, titleWith } from "../../live/attention.ts";
import { useLiveLink } from "../../live/use-live.ts";

const ICON = 'link[rel="icon"][type="image/svg+xml"]';

/**
 * The number of runs that failed since someone last looked at this window, in the tab: before the title, and as a dot on the icon.
 * The one place that does so, whatever page is open; the pages' own titles come from their `meta`.
 */
export function Attention() {
	const link = useLiveLink();
	useEffect(() => {
		const failed = new Set<string>();
		let lookedAt = Date.now();
		const isLooking = () => document.visibilityState === "visible" && document.hasFocus();

		const draw = () => {
			const title = titleWith(document.title, failed.size);
			if (document.title !== title) document.title = title;
			const icon = document.querySelector(ICON);
			const href = failed.size > 0 ? "/favicon-alert.svg" : "/favicon.svg";
			if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
		};
		const look = () => {
			if (!isLooking()) return;
			lookedAt = Date.now();
			failed.clear();
			draw();
		};
		const leave = () => {
			lookedAt = Date.now();
		};
		const stopHearing = link.hear((message) => {
			if (isLooking()) return;
			for (const id of failedSince(message, lookedAt)) failed.add(id);
			draw();
		});
		// A page that gives itself another title, by navigation or news, must not lose the number.
		const titles = new MutationObserver(draw);
		titles.observe(document.head, { childList: true, subtree: true, characterData: true });
		document.addEventListener("visibilitychange", look);
		window.addEventListener("focus", look);
		window.addEventListener("blur", leave);
		return () => {
			stopHearing();
			titles.disconnect();
			document.removeEventListener("visibilitychange", look);
			window.removeEventListener("focus", look);
			window.removeEventListener("blur", leave);
			failed.clear();
			draw();
		};
	}, [link]);
	return null;
}
