/** A tip that is open: what it belongs to and how to put it away. */
export type Tip = { target: Element; hide: () => void };

const HOVER_MS = 400;
const LONG_PRESS_MS = 450;
// Long enough to cross from the element to its tip, which may be read with the pointer on it (WCAG 1.4.13).
const LEAVE_MS = 150;
const PRESS_SLIP_PX = 10;

function ownerOf(target: EventTarget | null): Element | null {
	return target instanceof Element ? target.closest("[data-tip]") : null;
}

function isOnTip(target: EventTarget | null): boolean {
	return target instanceof Element && target.closest("[data-tip-box]") !== null;
}

/** Tell `show` which element's tip is to be seen: on hover, on keyboard focus, on a long press. @returns how to stop */
export function watchTips(show: (tip: Tip | null) => void): () => void {
	let shown: Element | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let pressedAt: { x: number; y: number } | null = null;

	const turnTo = (target: Element | null) => {
		clearTimeout(timer);
		if (target && (!target.isConnected || !target.getAttribute("data-tip"))) return;
		if (target === shown) return;
		shown = target;
		show(target && { target, hide });
	};
	const hide = () => turnTo(null);
	const after = (ms: number, target: Element | null) => {
		clearTimeout(timer);
		timer = setTimeout(turnTo, ms, target);
	};

	const listeners: { [K in keyof DocumentEventMap]?: (event: DocumentEventMap[K]) => void } = {
		pointerover: ({ pointerType, target }) => {
			if (pointerType === "touch") return;
			const owner = ownerOf(target);
			if (isOnTip(target) || (owner && owner === shown)) clearTimeout(timer);
			else if (owner) after(HOVER_MS, owner);
			else after(LEAVE_MS, null);
		},
		pointerdown: ({ pointerType, target, clientX, clientY }) => {
			if (isOnTip(target)) return;
			hide();
			if (pointerType !== "touch") return;
			pressedAt = { x: clientX, y: clientY };
			const owner = ownerOf(target);
			if (owner) after(LONG_PRESS_MS, owner);
		},
		pointermove: ({ clientX, clientY }) => {
			if (!pressedAt || Math.hypot(clientX - pressedAt.x, clientY - pressedAt.y) < PRESS_SLIP_PX) return;
			pressedAt = null;
			clearTimeout(timer);
		},
		pointerup: ({ pointerType }) => {
			if (pointerType === "touch") clearTimeout(timer);
			pressedAt = null;
		},
		pointercancel: () => {
			pressedAt = null;
			clearTimeout(timer);
		},
		focusin: ({ target }) => {
			const owner = ownerOf(target);
			if (owner?.matches(":focus-visible, :has(:focus-visible)")) turnTo(owner);
		},
		focusout: ({ target }) => {
			if (ownerOf(target) === shown) hide();
		},
		scroll: ({ target }) => {
			if (shown && target instanceof Node && target.contains(shown)) hide();
		},
	};
	const stop = new AbortController();
	for (const [name, listener] of Object.entries(listeners)) {
		document.addEventListener(name, listener as EventListener, { signal: stop.signal, capture: true, passive: true });
	}
	return () => {
		stop.abort();
		clearTimeout(timer);
	};
}
