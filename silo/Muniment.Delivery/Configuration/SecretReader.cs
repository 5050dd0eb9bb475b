using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Delivery.Kinds;
using Muniment.Egress;

namespace Muniment.Delivery.Configuration;

/// <summary>Reads the members that hold secrets: what the body says goes into the bag, <c>***</c> keeps what was there.</summary>
internal sealed class SecretReader(FieldReader fields, SecretBag before, ImmutableSortedDictionary<string, string>.Builder bag)
{
    /// <summary>Reads <c>credential</c> by the kind's rules.</summary>
    public void ReadCredential(IDestinationKind kind, bool mayUseAmbient)
    {
        const string prefix = "credential.";
        if (fields.Find("credential") is { ValueKind: JsonValueKind.String } whole && whole.GetString() == ConfigReader.Mask)
        {
            foreach (KeyValuePair<string, string> kept in before.Under(prefix))
            {
                bag[prefix + kept.Key] = kept.Value;
            }
        }
        else
        {
            foreach ((string name, JsonElement value) in fields.Members("credential", kind.Credentials, checkValues: false))
            {
                FieldRule rule = kind.Credentials.First(r => r.Name == name);
                if (rule.Form == FieldForm.TextMap && value.ValueKind == JsonValueKind.Object)
                {
                    foreach (JsonProperty member in value.EnumerateObject())
                    {
                        Take(rule, $"{prefix}{name}.{member.Name.ToLowerInvariant()}", member.Name, member.Value);
                    }
                }
                else if (rule.Form == FieldForm.TextMap && value.ValueKind == JsonValueKind.String && value.GetString() == ConfigReader.Mask)
                {
                    foreach (KeyValuePair<string, string> kept in before.Under($"{prefix}{name}."))
                    {
                        bag[$"{prefix}{name}.{kept.Key}"] = kept.Value;
                    }
                }
                else if (rule.Form == FieldForm.TextMap)
                {
                    fields.Fail($"{prefix}{name}", "an object of strings");
                }
                else
                {
                    Take(rule, prefix + name, name, value);
                }
            }
        }

        if (!mayUseAmbient && bag.GetValueOrDefault(prefix + "ambient") == "true")
        {
            fields.Fail(prefix + "ambient", "keys of your own: this tenant is not in Delivery:AmbientTenants");
        }

        foreach (FieldRule rule in kind.Credentials.Where(r => r.Required && !bag.ContainsKey(prefix + r.Name)))
        {
            fields.Fail(prefix + rule.Name, "a string");
        }
    }

    /// <summary>Reads <c>tls</c>; only its key is a secret.</summary>
    public (string? Authority, string? Certificate) ReadTls()
    {
        if (fields.Child("tls") is not { } tls)
        {
            return (null, null);
        }

        if (tls.Unknown(["ca_pem", "client_cert_pem", "client_key_pem"]) is { } unknown)
        {
            fields.Fail(unknown.Field, unknown.Expected);
            return (null, null);
        }

        string? authority = tls.Text("ca_pem");
        string? certificate = tls.Text("client_cert_pem");
        string? key = tls.Text("client_key_pem");
        key = key == ConfigReader.Mask ? before.Find("tls.client_key_pem") ?? key : key;
        if (tls.Error is { } error)
        {
            fields.Fail(error.Field, error.Expected);
        }
        else if (!EgressTls.TryCreate(authority, certificate, key, out EgressTls made, out string? field))
        {
            fields.Fail(field!, "PEM");
        }
        else
        {
            made.Dispose();
            if (key is not null)
            {
                bag["tls.client_key_pem"] = key;
            }
        }

        return (authority, certificate);
    }

    private void Take(FieldRule rule, string path, string name, JsonElement value)
    {
        string? given = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.True or JsonValueKind.False when rule.Form == FieldForm.Flag => value.GetRawText(),
            JsonValueKind.Object when rule.Form == FieldForm.Object => value.GetRawText(),
            _ => null,
        };
        if (given is not { Length: > 0 and <= FieldRule.MaxTextLength } text || (rule.Form == FieldForm.Flag && text is not ("true" or "false" or ConfigReader.Mask)))
        {
            fields.Fail(path, rule.Form == FieldForm.Flag ? "true or false" : $"{(rule.Form == FieldForm.Object ? "an object or " : "")}a string of 1 to {FieldRule.MaxTextLength} characters");
            return;
        }

        if (text == ConfigReader.Mask)
        {
            if (before.Find(path) is not { } kept)
            {
                fields.Fail(path, "a value: *** keeps one, and there is none");
                return;
            }

            text = kept;
        }
        else if (rule.Check?.Invoke(name, text) is { } expected)
        {
            fields.Fail(path, expected);
            return;
        }

        bag[path] = text;
    }
}
