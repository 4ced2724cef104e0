/** Keys to press, such as "⌘K", or "g p" for one after the other. */
export function Kbd({ keys }: { keys: string }) {
	return (
		<span className="inline-flex items-center gap-1">
			{keys.split(" ").map((key, index) => (
				<kbd
					// A sequence may hold a key twice, and never changes its order.
					key={index}
					className="inline-grid h-5 min-w-5 place-items-center rounded-badge border border-line2 bg-s2 px-1 font-sans text-min text-t2"
				>
					{key}
				</kbd>
			))}
		</span>
	);
}
