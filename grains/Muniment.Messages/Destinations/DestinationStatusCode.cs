namespace Muniment.Messages.Destinations;

/// <summary>How a question to a destination was answered.</summary>
[GenerateSerializer, Alias("muniment.destination.code")]
public enum DestinationStatusCode
{
    /// <summary>Done; the body says what there is to say.</summary>
    Done,
    /// <summary>There is no such destination.</summary>
    NotFound,
    /// <summary>The id is taken, or another version is in force than the caller knew.</summary>
    Conflict,
    /// <summary>A field is wrong.</summary>
    Invalid,
    /// <summary>Asked too often.</summary>
    TooMany,
    /// <summary>It is moving to another place; ask again.</summary>
    Moving,
    /// <summary>This change, or one before it, is stored and could not be recorded in the journal yet. It is recorded as soon as the journal takes it.</summary>
    Unrecorded,
}
