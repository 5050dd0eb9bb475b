namespace Muniment.Policy.Detectors;

/// <summary>The detectors that are built in. The order decides between two that find the same span: the more specific comes first.</summary>
internal enum DetectorId
{
#pragma warning disable CS1591 // named in DetectorCatalog
    AwsAccessKey, AwsSecretKey, AwsBedrockKey, GcpApiKey, GoogleOauth, AzureClientSecret, AzureStorageKey, AzureSas, GithubToken, GitlabToken, NpmToken, PypiToken,
    HuggingfaceToken, SlackToken, SlackWebhook, OpenaiKey, AnthropicKey, LlmKey, StripeKey, SendgridKey, TwilioKey, DigitaloceanToken, DatabricksToken, ShopifyToken, VaultToken,
    TerraformToken, GrafanaToken, PostmanKey, LinearKey, PulumiToken, DopplerToken, AgeKey, OktaToken, NewrelicKey, DatadogKey, DockerToken, AtlassianToken,
    Jwt, PrivateKey, UrlCredentials, ConnectionString, Authorization, Cookie,
    CreditCard, Iban, UsSsn, Email, Phone,
    Ipv4, Ipv6, MacAddress, CryptoAddress,
    UsItin, UsAba, UsNpi, UkNhs, InAadhaar, CaSin, DeTaxId, FrNir, EsNif, PlPesel, BrCpf, BrCnpj,
    GenericSecret,
    Count,
#pragma warning restore CS1591
}
