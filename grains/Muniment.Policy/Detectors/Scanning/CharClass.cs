namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Classes of ASCII characters that detectors ask for; one table look-up a character.</summary>
[Flags]
internal enum CharClass : ushort
{
    /// <summary>0-9</summary>
    Digit = 1,

    /// <summary>A-Z a-z</summary>
    Letter = 2,

    /// <summary>A-Z a-z 0-9</summary>
    Alnum = 4,

    /// <summary>0-9 a-f A-F</summary>
    Hex = 8,

    /// <summary>Letters, digits, <c>-</c> and <c>_</c>: base64url.</summary>
    Url64 = 16,

    /// <summary>Letters, digits, <c>+</c> and <c>/</c>: base64 without its padding.</summary>
    Base64 = 32,

    /// <summary>What long tokens are made of: letters, digits and <c>_-+/=.~%</c>.</summary>
    Run = 64,

    /// <summary>A-Z 0-9</summary>
    UpperDigit = 128,

    /// <summary>A-Z 2-7</summary>
    Base32 = 256,

    /// <summary>What an address has before its <c>@</c>.</summary>
    EmailLocal = 512,

    /// <summary>User and password of a URL: RFC 3986 userinfo, and what people write there unescaped.</summary>
    UserInfo = 1024,

    /// <summary>Letters, digits, <c>-_.~</c>.</summary>
    Dotted = 2048,

    /// <summary>Base58 of wallets.</summary>
    Base58 = 4096,

    /// <summary>Letters, digits and <c>_</c>.</summary>
    Word = 8192,

    /// <summary>A value that ends at space, quote, bracket or semicolon.</summary>
    Value = 16384,

    /// <summary>A character that no bounded match ever contains, whatever stands around it (the space has a rule of its own).</summary>
    Barrier = 32768,
}
