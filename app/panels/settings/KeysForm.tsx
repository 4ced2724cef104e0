import { useFetcher, useLocation } from "@remix-run/react";
import { preferencePath } from "../../preferences.ts";
import { usePreference } from "../../root.tsx";
import { TickIcon } from "../../ui/icons.tsx";

const CHOICES = [
	{ value: "on", words: "On", about: "One letter does something wherever nothing is being typed." },
	{ value: "off", words: "Off", about: "Only ⌘K or Ctrl K, Enter and Esc. Choose this if you speak to your computer." },
] as const;

/** Whether single letters are shortcuts. A plain form, remembered in a cookie. @source WCAG 2.1.4 */
export function KeysForm() {
	const keys = usePreference("keys");
	const fetcher = useFetcher({ key: "keys" });
	const { pathname, search } = useLocation();
	const action = preferencePath("keys");
	return (
		<form
			method="post"
			action={action}
			onSubmit={(event) => {
				event.preventDefault();
				const { submitter } = event.nativeEvent as SubmitEvent;
				if (submitter instanceof HTMLButtonElement) fetcher.submit({ keys: submitter.value }, { method: "post", action });
			}}
		>
			<input type="hidden" name="next" value={pathname + search} />
			{CHOICES.map(({ value, words, about }) => (
				<button
					key={value}
					type="submit"
					name="keys"
					value={value}
					aria-pressed={value === keys}
					className="target flex w-full items-center gap-2.5 rounded-ctl px-2.5 py-1.5 text-left text-t2 hover:bg-s2 hover:text-t1 aria-pressed:text-t1"
				>
					<span className="min-w-0 flex-1">
						<span className="block text-body font-medium">{words}</span>
						<span className="block text-sec text-t2">{about}</span>
					</span>
					{value === keys && <TickIcon className="size-4 text-acc" />}
				</button>
			))}
		</form>
	);
}
