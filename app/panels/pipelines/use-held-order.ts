import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/**
 * Items in the order they were last shown in, with the newest truth in the old places; what is new stands at the end.
 * @param keys the order as shown
 */
export function inOrderOf<T>(keys: readonly string[], items: readonly T[], keyOf: (item: T) => string): T[] {
	const place = new Map(keys.map((key, index) => [key, index]));
	const placeOf = (item: T) => place.get(keyOf(item)) ?? keys.length;
	// Sorting is stable: newcomers keep their own order.
	return [...items].sort((a, b) => placeOf(a) - placeOf(b));
}

type HeldOrder<T> = { items: T[]; isFrozen: boolean; refresh: () => void };

/** A sorted list that does not move while someone points at it or works in it. Design brief, law 4. */
export function useHeldOrder<T>(panel: RefObject<HTMLElement>, items: readonly T[], keyOf: (item: T) => string): HeldOrder<T> {
	const [keys, setKeys] = useState(() => items.map(keyOf));
	const newest = useRef(items);
	newest.current = items;
	const refresh = useCallback(() => setKeys(newest.current.map(keyOf)), [keyOf]);
	const held = inOrderOf(keys, items, keyOf);
	const isFrozen = held.some((item, index) => item !== items[index]);
	useEffect(() => {
		if (!isFrozen) return;
		const settle = () => {
			const element = panel.current;
			if (!element?.matches(":hover") && !element?.contains(document.activeElement)) refresh();
		};
		settle();
		const element = panel.current;
		element?.addEventListener("pointerleave", settle);
		element?.addEventListener("focusout", settle);
		return () => {
			element?.removeEventListener("pointerleave", settle);
			element?.removeEventListener("focusout", settle);
		};
	}, [panel, isFrozen, refresh]);
	return { items: held, isFrozen, refresh };
}
