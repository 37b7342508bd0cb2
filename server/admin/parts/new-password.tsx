/** A password to be set: as long as the server wants it (12 to 128 characters). */
export function NewPassword(props: {
  name: string;
  required: boolean;
  value: string;
  onChange: (password: string) => void;
}) {
  return (
    <input
      name={props.name}
      type="password"
      autoComplete="new-password"
      required={props.required}
      minLength={12}
      maxLength={128}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
