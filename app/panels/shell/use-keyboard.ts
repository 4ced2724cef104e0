import { useEffect, useRef } from "react";
import { atRest } from "../../live/pages-ahead.ts";
import { usePreference } from "../../root.tsx";
import type { FrameKeys } from "./keyboard.ts";

/**
 * Bind the keyboard of the frame. What reads the keys is loaded when the page has come to rest, or with the first one pressed, and gets
 * that one too.
 * ⌘K and Ctrl K are read here: a browser would take the first one for itself.
 */
export function useKeyboard(frame: FrameKeys): void {
	const keys = usePreference("keys");
	const newest = useRef(frame);
	newest.current = frame;
	useEffect(() => {
		let press: ((event: KeyboardEvent) => void) | null = null;
		let waiting: KeyboardEvent[] = [];
		const load = () =>
			import("./keyboard.ts").then(
				({ makeKeyboard }) => {
					press ??= makeKeyboard(keys, () => newest.current);
					waiting.splice(0).forEach(press);
				},
				() => {
					// Keys are a short way to what can also be pressed; the next key tries again.
					waiting = [];
				},
			);
		const onKeyDown = (event: KeyboardEvent) => {
			if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
				event.preventDefault();
				return void newest.current.palette();
			}
			if (press) return press(event);
			waiting.push(event);
			if (waiting.length > 1) return;
			void load();
		};
		const callOff = atRest(load);
		window.addEventListener("keydown", onKeyDown);
		return () => {
			callOff();
			window.removeEventListener("keydown", onKeyDown);
		};
	}, [keys]);
}
