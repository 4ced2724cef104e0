import { Form, useLocation, useNavigate } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { searchWith } from "../../format/view.ts";
import { SearchIcon } from "../../ui/icons.tsx";

const PAUSE_MS = 250;

/** Lists runs in which a text occurs, while it is typed. Without scripts it is a form with a field. */
export function TextFilter() {
	const { pathname, search } = useLocation();
	const asked = new URLSearchParams(search);
	const q = asked.get("q") ?? "";
	const [text, setText] = useState(q);
	const navigate = useNavigate();
	const field = useRef<HTMLInputElement>(null);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	useEffect(() => () => clearTimeout(timer.current), []);
	// The address may change by other ways (Back, "Clear filters"); what is being typed is left alone.
	useEffect(() => {
		if (document.activeElement !== field.current) setText(q);
	}, [q]);

	const find = (value: string) => {
		clearTimeout(timer.current);
		const next = searchWith(new URLSearchParams(location.search), { q: value.trim() || null, panel: null });
		if (next !== location.search) navigate({ pathname, search: next }, { replace: true, preventScrollReset: true });
	};
	return (
		<Form
			role="search"
			action={pathname}
			className="relative min-w-36 flex-1 sm:w-56 sm:flex-none"
			onSubmit={(event) => {
				event.preventDefault();
				find(text);
			}}
		>
			{[...asked]
				.filter(([name]) => !["q", "cursor", "panel"].includes(name))
				.map(([name, value]) => (
					<input key={`${name}=${value}`} type="hidden" name={name} value={value} />
				))}
			<SearchIcon className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-t3" />
			<input
				ref={field}
				type="search"
				name="q"
				value={text}
				maxLength={200}
				autoComplete="off"
				aria-label="Find runs by text"
				placeholder="Branch, commit, person…"
				onChange={({ currentTarget: { value } }) => {
					setText(value);
					clearTimeout(timer.current);
					timer.current = setTimeout(find, PAUSE_MS, value);
				}}
				className="target h-6.5 w-full min-w-0 rounded-ctl border border-ctl bg-s1 pr-2 pl-7 text-sec text-t1 placeholder:text-t3 max-sm:text-[1rem]"
			/>
		</Form>
	);
}
